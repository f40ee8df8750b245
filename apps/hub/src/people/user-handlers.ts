/** Procedures on the people of an organisation. */
import type { OrganisationId, UserId } from '@skerry/contract/values/ids'
import type { Caller } from '@skerry/core/people/access'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { forgetKeys } from '../keys/personal-keys.ts'
import { requireMayGive, requireMayTake } from '../roles/role-handlers.ts'
import { findGrant } from '../roles/role-store.ts'
import type { Db, Tx } from '../store/store.ts'
import {
  countOwners,
  findMember,
  findSignInRules,
  listMembers,
  type Member,
  putSignInRules,
  removeMember,
  updateRole,
  userOf,
} from './people-store.ts'
import { endUserSession, listUserSessions, userSessionOf } from './user-session-store.ts'

export const userHandlers = {
  list: os.user.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const { db } = hub.store
    const rows = []
    for (const member of await listMembers(db, { organisationId, limit: limit + 1, after })) {
      rows.push(await userOf(db, organisationId, member))
    }
    return pageFrom(rows, limit, ({ email }) => email)
  }),
  show: os.user.show.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    return userOf(db, organisationId, await memberOf(db, organisationId, input.user))
  }),
  setRole: os.user.setRole.handler(async ({ context, input: { user, role } }) => {
    const changed = await context.change(async (tx, note) => {
      const { organisationId } = context
      const member = await steered(tx, context, user)
      await requireMayGive(tx, context, role)
      if (role !== 'owner') await requireOtherOwner(tx, organisationId, member)
      await updateRole(tx, organisationId, user, role)
      note.detail = { email: member.email, from: member.role, to: role }
      return userOf(tx, organisationId, { ...member, role })
    })
    await forgetKeys(context.hub, { organisationId: context.organisationId, userId: user })
    return changed
  }),
  remove: os.user.remove.handler(async ({ context, input: { user } }) => {
    await context.change(async (tx, note) => {
      const member = await steered(tx, context, user)
      await requireOtherOwner(tx, context.organisationId, member)
      await removeMember(tx, context.organisationId, user, context.hub.clock.nowMs())
      note.detail = { email: member.email, role: member.role }
    })
    await forgetKeys(context.hub, { organisationId: context.organisationId, userId: user })
    return {}
  }),
  sessions: os.user.sessions.handler(async ({ context: { hub, organisationId }, input: { user } }) => {
    await memberOf(hub.store.db, organisationId, user)
    const rows = await listUserSessions(hub.store.db, { userId: user, organisationId }, hub.clock.nowMs())
    return { rows: rows.map((row) => userSessionOf(row, undefined)) }
  }),
  endSession: os.user.endSession.handler(({ context, input: { user, session } }) =>
    context.change(async (tx, note) => {
      const { email } = await steered(tx, context, user)
      const whose = { userId: user, organisationId: context.organisationId }
      if (!(await endUserSession(tx, whose, session))) throw problem('session_unknown')
      note.detail = { email, session }
      return {}
    }),
  ),
  rules: os.user.rules.handler(({ context: { hub, organisationId } }) => findSignInRules(hub.store.db, organisationId)),
  setRules: os.user.setRules.handler(async ({ context, input: { secondFactorFor, ...others } }) => {
    const rules = await context.change(async (tx, note) => {
      const roles = [...new Set(secondFactorFor)]
      for (const role of roles) {
        if (!(await findGrant(tx, context.organisationId, role))) throw problem('role_unknown')
      }
      const wanted = { secondFactorFor: roles, ...others }
      const from = await findSignInRules(tx, context.organisationId)
      // A second factor that is asked of those above is theirs to set.
      for (const role of [...roles, ...from.secondFactorFor]) {
        if (roles.includes(role) !== from.secondFactorFor.includes(role)) await requireMayTake(tx, context, role)
      }
      await putSignInRules(tx, context.organisationId, wanted)
      note.object = { kind: 'organisation', id: context.organisationId }
      note.detail = { ...wanted, from }
      return wanted
    })
    await forgetKeys(context.hub, { organisationId: context.organisationId })
    return rules
  }),
}

async function memberOf(db: Db, organisationId: OrganisationId, user: UserId): Promise<Member> {
  const member = await findMember(db, organisationId, user)
  if (!member) throw problem('user_unknown')
  return member
}

/** Somebody of the organisation whose role the caller could give: who manages people does not manage those above. */
async function steered(tx: Tx, steering: Steering, user: UserId): Promise<Member> {
  const member = await memberOf(tx, steering.organisationId, user)
  await requireMayGive(tx, steering, member.role)
  return member
}

type Steering = { caller: Caller; organisationId: OrganisationId }

async function requireOtherOwner(tx: Tx, organisationId: OrganisationId, { role }: Member): Promise<void> {
  if (role === 'owner' && (await countOwners(tx, organisationId)) < 2) throw problem('owner_last')
}
