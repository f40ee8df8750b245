/** Procedures on one's own account: signing in, passwords, sessions. */

import type { UserId } from '@skerry/contract/values/ids'
import { isWeakPassword } from '@skerry/core/people/password-strength'
import { openOs } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { isSameOrigin } from '../sessions/browser-headers.ts'
import { linkedProviders, providerIdOf } from '../sso/provider-account-store.ts'
import { beginSession, giveCookie, personOf, prepareSession, recordAccount, tellRecorded } from './account-change.ts'
import { countPasskeys } from './factors/passkey-store.ts'
import { provePerson } from './factors/prove-person.ts'
import { countRecoveryCodes } from './factors/second-factor.ts'
import { hashPassword, inTurn } from './password.ts'
import { membershipsOf } from './people-store.ts'
import {
  endUserSession,
  endUserSessions,
  isBound,
  listUserSessions,
  needsSecondFactor,
  noteStay,
  reachOf,
  userSessionOf,
} from './user-session-store.ts'

export const accountHandlers = {
  signIn: openOs.account.signIn.handler(async ({ context, input }) => {
    // Else a foreign page could sign a person in as somebody else, who would then see what that person does.
    if (!isSameOrigin(context.browser)) throw problem('origin_refused')
    const session = await prepareSession(context)
    await provePerson(context, 'account.signIn', input, async (tx, person, how) => {
      const memberships = await membershipsOf(tx, person.id)
      const named = memberships.filter(({ organisation }) => organisation === (input.organisation ?? organisation))
      const membership = named.find(({ disabled_at_ms }) => disabled_at_ms == null) ?? named[0]
      if (!membership) throw problem('sign_in_refused')
      if (membership.disabled_at_ms != null) throw problem('organisation_disabled')
      const who = { user_id: person.id, name: person.name }
      await beginSession(context, tx, who, { membership, session, action: 'account.signIn', how })
    })
    return giveCookie(context, session)
  }),
  show: openOs.account.show.handler(async ({ context }) => {
    const who = await personOf(context)
    const { db } = context.hub.store
    return {
      id: who.user_id,
      email: who.email,
      name: who.name,
      organisation: who.organisation,
      role: who.role,
      hasSecondFactor: who.confirmed_at_ms !== null,
      needsSecondFactor: needsSecondFactor(who),
      isBound: isBound(who),
      recoveryCodesLeft: await countRecoveryCodes(db, who.user_id),
      passkeys: await countPasskeys(db, who.user_id),
      providers: await providersOf(context.hub, who.user_id),
    }
  }),
  stay: openOs.account.stay.handler(async ({ context }) => {
    const who = await personOf(context)
    const { store, clock } = context.hub
    await store.transaction((tx) => noteStay(tx, who.id, clock.nowMs()))
    return {}
  }),
  setPassword: openOs.account.setPassword.handler(async ({ context, input }) => {
    const who = await personOf(context)
    if (isWeakPassword(input.newPassword, who)) throw problem('password_weak')
    const auth = await context.hub.people.auth()
    // A lane of the person's own: a session is no address that many share.
    const hash = await inTurn(`session ${who.id}`, () => hashPassword(input.newPassword))
    const proof = { email: who.email, ...input }
    await provePerson(context, 'account.setPassword', proof, async (tx) => {
      await auth.within(tx, (records) => records.updatePassword(who.user_id, hash))
      await endUserSessions(tx, who.user_id, who.id)
      await recordAccount(context, tx, who, { action: 'account.setPassword' })
    })
    tellRecorded(context)
    return {}
  }),
  sessions: openOs.account.sessions.handler(async ({ context }) => {
    const who = await personOf(context)
    const { hub } = context
    const rows = await listUserSessions(hub.store.db, reachOf(who), hub.clock.nowMs())
    return { rows: rows.map((row) => userSessionOf(row, who.id)) }
  }),
  endSession: openOs.account.endSession.handler(async ({ context, input: { session } }) => {
    const who = await personOf(context)
    await context.hub.store.transaction(async (tx) => {
      if (!(await endUserSession(tx, reachOf(who), session))) throw problem('session_unknown')
      await recordAccount(context, tx, who, { action: 'account.endSession', detail: { session } })
    })
    tellRecorded(context)
    return {}
  }),
}

/** Of those that the hub offers now. */
async function providersOf({ store, people }: Hub, userId: UserId): Promise<string[]> {
  const linked = await linkedProviders(store.db, userId)
  return people.providerNames.filter(({ issuer }) => linked.includes(providerIdOf(issuer))).map(({ id }) => id)
}
