/** Procedures on one's own second factor. */
import type { OpenCall } from '../../http/call.ts'
import { openOs } from '../../http/implementer.ts'
import { problem } from '../../http/problem.ts'
import { personOf, recordAccount, tellRecorded } from '../account-change.ts'
import { countTry, forgetFailures } from '../failure-store.ts'
import type { SignedIn } from '../user-session-store.ts'
import { endUserSessions, liftEnrolled, liftSession, lowerSessions } from '../user-session-store.ts'
import { requireProved } from '../way-in.ts'
import { countedAs } from './known-place.ts'
import { provePerson, refusal } from './prove-person.ts'
import {
  beginFactor,
  confirmFactor,
  findFactor,
  newRecoveryCodes,
  newSecret,
  removeFactor,
  seal,
  spendCode,
} from './second-factor.ts'

const CODE_WRONG = 'the code is wrong or too old; check the clock of the phone'

export const factorHandlers = {
  beginSecondFactor: openOs.account.beginSecondFactor.handler(async ({ context, input }) => {
    const who = await withoutFactor(context)
    const { secret, text, uri } = newSecret(who.email, who.organisation)
    const sealed = seal(secret, who.user_id, context.hub.people.keys.factor)
    const action = 'account.beginSecondFactor'
    await provePerson(context, action, { email: who.email, ...input }, async (tx) => {
      await beginFactor(tx, who.user_id, sealed)
      await recordAccount(context, tx, who, { action })
    })
    tellRecorded(context)
    return { uri, secret: text }
  }),
  confirmSecondFactor: openOs.account.confirmSecondFactor.handler(async ({ context, input }) => {
    const who = await withoutFactor(context)
    const { hub } = context
    const { name } = await countedAs(context, who.email)
    const nowMs = hub.clock.nowMs()
    const keys = hub.people.keys.factor
    const codes = newRecoveryCodes()
    const isCounted = await hub.store.transaction((tx) => countTry(tx, name, nowMs))
    if (!isCounted) throw await refusal(context, name)
    const isRight = await hub.store.transaction(async (tx) => {
      const factor = await findFactor(tx, who.user_id)
      if (!factor || !(await spendCode(tx, factor, input.code, { nowMs, keys }))) return false
      await confirmFactor(tx, who.user_id, { codes, nowMs, keys })
      await forgetFailures(tx, name)
      // Those were begun with a password alone.
      await endUserSessions(tx, who.user_id, who.id)
      await liftEnrolled(tx, who)
      await recordAccount(context, tx, who, { action: 'account.confirmSecondFactor' })
      return true
    })
    if (!isRight) throw await refusal(context, name, CODE_WRONG)
    tellRecorded(context)
    return { recoveryCodes: codes }
  }),
  proveSecondFactor: openOs.account.proveSecondFactor.handler(async ({ context, input }) => {
    const who = await personOf(context)
    const { hub } = context
    const { name } = await countedAs(context, who.email)
    const by = { nowMs: hub.clock.nowMs(), keys: hub.people.keys.factor }
    const isCounted = await hub.store.transaction((tx) => countTry(tx, name, by.nowMs))
    const isRight =
      isCounted &&
      (await hub.store.transaction(async (tx) => {
        const factor = await findFactor(tx, who.user_id)
        if (!factor || factor.confirmed_at_ms === null || !(await spendCode(tx, factor, input.code, by))) return false
        await forgetFailures(tx, name)
        await liftSession(tx, who.id)
        const detail = { session: who.id }
        await recordAccount(context, tx, who, { action: 'account.proveSecondFactor', detail })
        return true
      }))
    if (!isRight) throw await refusal(context, name, CODE_WRONG)
    tellRecorded(context)
    return {}
  }),
  removeSecondFactor: openOs.account.removeSecondFactor.handler(async ({ context, input }) => {
    const who = await personOf(context)
    const action = 'account.removeSecondFactor'
    await provePerson(context, action, { email: who.email, ...input }, async (tx) => {
      await removeFactor(tx, who.user_id)
      await lowerSessions(tx, who.user_id)
      await recordAccount(context, tx, who, { action })
    })
    tellRecorded(context)
    return {}
  }),
}

async function withoutFactor(context: OpenCall): Promise<SignedIn> {
  const who = await personOf(context)
  if (who.confirmed_at_ms !== null) throw problem('second_factor_exists')
  await requireProved(context, who)
  return who
}
