/** Password reset: a link by e-mail, which counts once and for an hour. Whoever asks is told the same, and as soon. */

import type { ResetResult } from '@skerry/contract/devices/reset'
import type { KeyId, UserId } from '@skerry/contract/values/ids'
import { UserId as Id } from '@skerry/contract/values/ids'
import { isWeakPassword } from '@skerry/core/people/password-strength'
import { appendAudit } from '../audit/audit-store.ts'
import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import type { OpenCall } from '../http/call.ts'
import { openOs } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { hashSecret, presentedSecret } from '../keys/key-secret.ts'
import { isSameOrigin } from '../sessions/browser-headers.ts'
import { stopLinking } from '../sso/provider-account-store.ts'
import type { Db, Tx } from '../store/store.ts'
import { recordAccount, tellRecorded } from './account-change.ts'
import { browserCookie, forgetPlaces, laneOf, rememberPlaces } from './factors/known-place.ts'
import { forgetFailures } from './failure-store.ts'
import { hashPassword, inTurn } from './password.ts'
import { findPerson, findPersonById, type KnownPerson, membershipsOf } from './people-store.ts'
import { endUserSessions } from './user-session-store.ts'
import { dropWaysIn, revokePersonalKeys, waysInOf } from './ways-in.ts'

/** Long enough for slow mail, short enough for a mailbox that others read later. */
const RESET_LIFE_MS = 3_600_000

/** A mailbox is not filled by whoever asks again and again. */
const RESET_PAUSE_MS = 300_000

export const resetHandlers = {
  forgot: openOs.account.forgot.handler(async ({ context, input: { email } }) => {
    if (!isSameOrigin(context.browser)) throw problem('origin_refused')
    const { hub } = context
    if (!hub.people.mail) throw problem('mail_missing')
    // Not awaited: how long it takes would tell whether there is somebody.
    hub.people.later(() => sendReset(context, email))
    return {}
  }),
  showReset: openOs.account.showReset.handler(async ({ context, input }) => {
    if (!isSameOrigin(context.browser)) throw problem('origin_refused')
    const { hub } = context
    const person = await presentedBy(context, input.reset)
    const asked = { userId: person.id, nowMs: hub.clock.nowMs(), providers: hub.people.providerNames }
    return { isFirstProof: person.email_verified === 0, ways: await waysInOf(hub.store.db, asked) }
  }),
  reset: openOs.account.reset.handler(async ({ context, input }) => {
    if (!isSameOrigin(context.browser)) throw problem('origin_refused')
    const { hub } = context
    const person = await presentedBy(context, input.reset)
    if (isWeakPassword(input.password, person)) throw problem('password_weak')
    const auth = await hub.people.auth()
    const hash = await inTurn(laneOf(context.source), () => hashPassword(input.password))
    // The letter proves the mailbox, and so this browser. Its old secret may be in the thief's hands as well, so it gets a new one.
    const browser = hub.ids.secret()
    const result = await hub.store.transaction(async (tx) => {
      if (!(await personOfReset(hub, tx, input.reset))) throw problem('reset_refused')
      await auth.within(tx, async (records) => {
        await records.deleteVerificationByIdentifier(identifierOf(person.id))
        await records.updatePassword(person.id, hash)
        await records.updateUser(person.id, { emailVerified: true })
      })
      await endUserSessions(tx, person.id)
      await forgetFailures(tx, person.email)
      await forgetPlaces(tx, person.id)
      const { source } = context
      await rememberPlaces(tx, { userId: person.id, secret: browser, source, nowMs: hub.clock.nowMs() })
      const done = await evict(hub, tx, person, input.keepKeys)
      const { removed } = done
      const detail = {
        isFirstProof: done.isFirstProof,
        passkeys: removed.passkeys.length,
        providers: removed.providers.length,
        hasSecondFactor: removed.hasSecondFactor,
        keys: removed.keys.length,
      }
      for (const { organisation_id } of await membershipsOf(tx, person.id)) {
        const who = { user_id: person.id, name: person.name, organisation_id }
        await recordAccount(context, tx, who, { action: 'account.reset', detail })
      }
      return done
    })
    context.setCookie(browserCookie(browser))
    for (const { id } of result.removed.keys) hub.bus.publish('key.changed', id)
    tellRecorded(context)
    return result
  }),
}

/** Whose the link is. Counts a link that counts for nothing, and throws. */
async function presentedBy({ hub, source }: OpenCall, reset: string): Promise<KnownPerson> {
  const person = await personOfReset(hub, hub.store.db, reset)
  if (person) return person
  refuseGuesser(hub, { source, identity: presentedSecret(reset) }, 'reset_refused')
  throw problem('reset_refused')
}

/**
 * Closes what a thief may have opened. Until the first reset nobody has proved the address, so another person may have made the account:
 * nothing of it stays. Later only keys are revoked: a letter alone must not take a second factor away.
 */
async function evict(hub: Hub, tx: Tx, person: KnownPerson, keepKeys: readonly KeyId[]): Promise<ResetResult> {
  const asked = { userId: person.id, nowMs: hub.clock.nowMs(), providers: hub.people.providerNames }
  const isFirstProof = person.email_verified === 0
  const before = await waysInOf(tx, asked)
  const keys = before.keys.filter(({ id }) => isFirstProof || !keepKeys.includes(id))
  await revokePersonalKeys(tx, person.id, { keys: keys.map(({ id }) => id), nowMs: asked.nowMs })
  if (isFirstProof) {
    await dropWaysIn(tx, person.id)
    // The place that the provider gave stays, and with it the provider would be back at its next sign-in.
    if (before.providers.length > 0) await stopLinking(tx, person.id)
  }
  const nothing = { passkeys: [], providers: [], hasSecondFactor: false }
  return { isFirstProof, removed: { ...(isFirstProof ? before : nothing), keys }, left: await waysInOf(tx, asked) }
}

const identifierOf = (id: UserId) => `reset ${id}`

/** Whose the link is: its hash is found, and who it is for stands beside it. */
async function personOfReset(hub: Hub, db: Db, secret: string): Promise<KnownPerson | undefined> {
  const row = await db
    .selectFrom('user_verifications')
    .selectAll()
    .where('value', '=', hashSecret(secret))
    .where('expires_at', '>', new Date(hub.clock.nowMs()).toISOString())
    .executeTakeFirst()
  const id = Id.safeParse(row?.identifier.slice('reset '.length))
  return id.success ? findPersonById(db, id.data) : undefined
}

async function sendReset({ hub, source }: OpenCall, email: string): Promise<void> {
  const person = await findPerson(hub.store.db, email)
  if (!person) return
  const secret = hub.ids.secret()
  const nowMs = hub.clock.nowMs()
  const auth = await hub.people.auth()
  const isDue = await hub.store.transaction(async (tx) => {
    const since = new Date(nowMs + RESET_LIFE_MS - RESET_PAUSE_MS).toISOString()
    const recent = await tx
      .selectFrom('user_verifications')
      .select('id')
      .where('identifier', '=', identifierOf(person.id))
      .where('expires_at', '>', since)
      .executeTakeFirst()
    if (recent) return false
    await tx.deleteFrom('user_verifications').where('expires_at', '<=', new Date(nowMs).toISOString()).execute()
    await auth.within(tx, async (records) => {
      await records.deleteVerificationByIdentifier(identifierOf(person.id))
      const expiresAt = new Date(nowMs + RESET_LIFE_MS)
      await records.createVerificationValue({
        identifier: identifierOf(person.id),
        value: hashSecret(secret),
        expiresAt,
      })
    })
    for (const { organisation_id } of await membershipsOf(tx, person.id)) {
      await appendAudit(tx, {
        organisationId: organisation_id,
        atMs: nowMs,
        action: 'account.forgot',
        source,
        result: 'ok',
        detail: {},
        // Whoever knows the address can ask.
        actor: { kind: 'anonymous', id: '', name: '' },
        object: { kind: 'user', id: person.id },
      })
    }
    return true
  })
  if (!isDue) return
  const link = `${hub.config.publicUrl()}/reset#reset=${secret}`
  await hub.people.mail?.send({
    to: person.email,
    subject: 'Choose a new password for Skerry',
    text: `Somebody, probably you, requested a new password on ${hub.config.publicUrl()}.\n\nThis link is valid once, for an hour:\n${link}\n\nBefore it changes anything, the page lists everything else that opens your account.\n\nIf it was not you, ignore this e-mail.\n`,
  })
}
