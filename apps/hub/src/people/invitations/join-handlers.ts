/** Joining: an invitation becomes an account, or one more organisation of the account that there is. The first owner comes this way too. */
import type { UserId } from '@skerry/contract/values/ids'
import { isWeakPassword } from '@skerry/core/people/password-strength'
import { refuseGuesser } from '../../http/admission/caller-limiter.ts'
import type { OpenCall } from '../../http/call.ts'
import { openOs } from '../../http/implementer.ts'
import { problem } from '../../http/problem.ts'
import { presentedSecret } from '../../keys/key-secret.ts'
import { requireOpen } from '../../organisations/organisation-state.ts'
import { isSameOrigin } from '../../sessions/browser-headers.ts'
import type { Tx } from '../../store/store.ts'
import type { InvitationTable } from '../../store/tables/access/people-tables.ts'
import { beginSession, giveCookie, type How, prepareSession } from '../account-change.ts'
import { laneOf } from '../factors/known-place.ts'
import { provePerson } from '../factors/prove-person.ts'
import { hashPassword, inTurn } from '../password.ts'
import { findPerson, insertMembership } from '../people-store.ts'
import { findInvitation, useInvitation } from './invitation-store.ts'

export type NewPerson = { invitation: string; email: string; name: string; password: string; code?: string | undefined }

export const joinHandlers = {
  join: openOs.account.join.handler(async ({ context, input }) => {
    if (!isSameOrigin(context.browser)) throw problem('origin_refused')
    const { hub } = context
    if (!(await openInvitation(context, hub.store.db, input))) {
      const identity = presentedSecret(input.invitation)
      refuseGuesser(hub, { source: context.source, identity }, 'invitation_refused')
      throw problem('invitation_refused')
    }
    const session = await prepareSession(context)
    const known = await findPerson(hub.store.db, input.email)
    const enter = async (tx: Tx, who: { user_id: UserId; name: string }, how: How) => {
      // Again, in the transaction: of two who come at once with one invitation, one is late.
      const invitation = await openInvitation(context, tx, input)
      if (!invitation) throw problem('invitation_refused')
      await enrol(context, tx, who.user_id, invitation)
      await beginSession(context, tx, who, { membership: invitation, session, action: 'account.join', how })
    }
    if (known) {
      await provePerson(context, 'account.join', input, (tx, { id, name }, how) =>
        enter(tx, { user_id: id, name }, how),
      )
      return giveCookie(context, session)
    }
    if (isWeakPassword(input.password, input)) throw problem('password_weak')
    const password = await inTurn(laneOf(context.source), () => hashPassword(input.password))
    await hub.store.transaction(async (tx) => {
      const who = { user_id: hub.ids.user(), name: input.name }
      if (await findPerson(tx, input.email)) throw problem('sign_in_refused')
      await session.auth.within(tx, async (records) => {
        const user = { id: who.user_id, email: input.email, name: input.name, emailVerified: false }
        await records.createUser(user, { method: 'email-password' })
        const account = { userId: who.user_id, accountId: who.user_id, providerId: 'credential', password }
        await records.linkAccount(account)
      })
      await enter(tx, who, { method: 'password', isMultiFactor: false })
    })
    return giveCookie(context, session)
  }),
}

const openInvitation = ({ hub }: OpenCall, db: Tx | OpenCall['hub']['store']['db'], { invitation, email }: NewPerson) =>
  findInvitation(db, { text: invitation, email, nowMs: hub.clock.nowMs() })

async function enrol({ hub }: OpenCall, tx: Tx, userId: UserId, invitation: InvitationTable): Promise<void> {
  const nowMs = hub.clock.nowMs()
  const { organisation_id, role } = invitation
  await requireOpen(tx, organisation_id)
  const isNew = await insertMembership(tx, { user_id: userId, organisation_id, role, created_at_ms: nowMs })
  // Whoever is there already keeps the role: a link must not make anybody less, or more.
  if (isNew) await useInvitation(tx, invitation, nowMs)
}
