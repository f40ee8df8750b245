/** Admit person: who somebody is here whom a provider vouches for, and as what. Everything in one transaction with the session that follows. */

import type { RoleName } from '@skerry/contract/people/role'
import type { OrganisationId, UserId } from '@skerry/contract/values/ids'
import { type Claims, emailOf, groupsOf, isOfDomain, roleOfGroups } from '@skerry/core/people/single-sign-on'
import { appendAudit } from '../audit/audit-store.ts'
import type { OpenCall } from '../http/call.ts'
import { useInvitation } from '../people/invitations/invitation-store.ts'
import type { PeopleAuth } from '../people/people-auth.ts'
import {
  countOwners,
  findMember,
  findPerson,
  insertMembership,
  type Member,
  removeMember,
  updateRole,
} from '../people/people-store.ts'
import { findGrant } from '../roles/role-store.ts'
import type { Tx } from '../store/store.ts'
import {
  findLinked,
  findOrganisation,
  invitationFor,
  isLinkable,
  link,
  personNameOf,
  type Subject,
} from './provider-account-store.ts'
import type { ProviderConfig } from './provider-file.ts'
import { isAgreedOrAsked, isLess } from './role-mapping.ts'

export type Reason = 'organisation' | 'address' | 'domain' | 'group' | 'invitation' | 'unlinked' | 'role' | 'mapping'

export type Admission =
  | { ok: true; user_id: UserId; name: string; organisation_id: OrganisationId; isNew: boolean }
  | { ok: false; reason: Reason; organisationId?: OrganisationId; userId?: UserId; detail?: Record<string, unknown> }

type Visit = {
  call: OpenCall
  tx: Tx
  auth: PeopleAuth
  config: ProviderConfig
  subject: Subject
  claims: Claims
  organisationId: OrganisationId
  email: string | undefined
  role: RoleName | undefined
}

/** Finds or makes the person, with the role that the groups give now. */
export async function admitPerson(
  call: OpenCall,
  tx: Tx,
  { auth, config, claims }: { auth: PeopleAuth; config: ProviderConfig; claims: Claims & { sub: string } },
): Promise<Admission> {
  const organisation = await findOrganisation(tx, config.organisation)
  if (!organisation) return { ok: false, reason: 'organisation' }
  const organisationId = organisation.id
  const subject = { issuer: config.issuer, sub: claims.sub }
  const email = emailOf(claims, config.trustEmail)
  const linked = await findLinked(tx, subject)
  const no = (reason: Reason): Admission => ({
    ok: false,
    reason,
    organisationId,
    ...(linked && { userId: linked.id }),
  })
  if (config.emailDomains.length > 0 && (email === undefined || !isOfDomain(email, config.emailDomains))) {
    return no(email === undefined ? 'address' : 'domain')
  }
  const role = roleOfGroups(groupsOf(claims, config.groupsClaim), config)
  // A slip in the file must throw nobody out.
  if (role !== undefined && !(await findGrant(tx, organisationId, role))) return no('role')
  const visit: Visit = { call, tx, auth, config, subject, claims, organisationId, email, role }
  if (linked) return comeBack(visit, linked)
  if (email === undefined) return no('address')
  const known = await findPerson(tx, email)
  if (!known) return comeFirst(visit, email)
  // Otherwise the first person with this address, who may never have proved it, and any organisation's provider would share the account.
  if (!(await isLinkable(tx, known.id, organisationId))) return { ...no('unlinked'), userId: known.id } as Admission
  await link(auth, tx, known.id, subject)
  return comeBack(visit, known)
}

/** Somebody who has been here: the role follows the groups, and without one there is no place any more. */
async function comeBack(visit: Visit, { id, name }: { id: UserId; name: string }): Promise<Admission> {
  const { tx, config, organisationId, role } = visit
  const who = { user_id: id, name, organisation_id: organisationId }
  const member = await findMember(tx, organisationId, id)
  if (!member) {
    const refused = await enrol(visit, id)
    return refused ? { ok: false, reason: refused, organisationId, userId: id } : { ok: true, ...who, isNew: true }
  }
  if (config.roles.length === 0 || role === member.role || (await isLastOwner(visit, member))) {
    return { ok: true, ...who, isNew: false }
  }
  if (role === undefined) {
    await removeMember(tx, organisationId, id, visit.call.hub.clock.nowMs())
    return { ok: false, reason: 'group', organisationId, userId: id, detail: { removedAs: member.role } }
  }
  if (!(await mayMove(visit, member.role, role))) return { ok: true, ...who, isNew: false }
  await updateRole(tx, organisationId, id, role)
  await recordRole(visit, member, role)
  return { ok: true, ...who, isNew: false }
}

/** Down at once; up only by a mapping that counts, which else is put down for a second person. */
async function mayMove({ call, tx, config, organisationId }: Visit, from: RoleName, to: RoleName): Promise<boolean> {
  if (await isLess(tx, organisationId, to, from)) return true
  return isAgreedOrAsked(call, tx, organisationId, config)
}

const isLastOwner = async ({ tx, organisationId }: Visit, { role }: Member): Promise<boolean> =>
  role === 'owner' && (await countOwners(tx, organisationId)) < 2

/** Somebody whom nobody here knows. */
async function comeFirst(visit: Visit, email: string): Promise<Admission> {
  const { call, tx, auth, claims, subject, organisationId } = visit
  const id = call.hub.ids.user()
  const name = personNameOf(claims, email)
  const place = await placeFor(visit)
  if ('reason' in place) return { ok: false, reason: place.reason, organisationId }
  await auth.within(tx, (records) => records.createUser({ id, email, name, emailVerified: false }, { method: 'sso' }))
  // Only its own organisation takes the word of a provider; for all others the address is unproved.
  await tx.updateTable('users').set({ vouched_by: organisationId }).where('id', '=', id).execute()
  await link(auth, tx, id, subject)
  const refused = await enrol(visit, id)
  if (refused) throw new Error('a membership disappeared within one transaction')
  return { ok: true, user_id: id, name, organisation_id: organisationId, isNew: true }
}

/** Gives the place, or says why there is none. */
async function enrol(visit: Visit, userId: UserId): Promise<Reason | undefined> {
  const { call, tx, organisationId } = visit
  const place = await placeFor(visit)
  if ('reason' in place) return place.reason
  const nowMs = call.hub.clock.nowMs()
  const { role, invitation } = place
  await insertMembership(tx, { user_id: userId, organisation_id: organisationId, role, created_at_ms: nowMs })
  if (invitation) await useInvitation(tx, invitation, nowMs)
  return undefined
}

type Place = { role: RoleName; invitation?: Awaited<ReturnType<typeof invitationFor>> }

async function placeFor({ call, tx, config, organisationId, email, role }: Visit): Promise<Place | { reason: Reason }> {
  if (config.roles.length > 0 && role === undefined) return { reason: 'group' }
  const counts = role === undefined || (await isAgreedOrAsked(call, tx, organisationId, config)) ? role : undefined
  if (config.admit === 'everybody') {
    if (counts !== undefined) return { role: counts }
    return { reason: role === undefined ? 'group' : 'mapping' }
  }
  const nowMs = call.hub.clock.nowMs()
  const invitation = email === undefined ? undefined : await invitationFor(tx, { organisationId, email, nowMs })
  if (!invitation) return { reason: 'invitation' }
  return { role: counts ?? invitation.role, invitation }
}

/** The provider did it, by what its groups say. */
async function recordRole({ call, tx, config, organisationId }: Visit, member: Member, role: RoleName): Promise<void> {
  await appendAudit(tx, {
    organisationId,
    atMs: call.hub.clock.nowMs(),
    action: 'user.setRole',
    source: call.source,
    result: 'ok',
    actor: { kind: 'user', id: member.id, name: member.name },
    object: { kind: 'user', id: member.id },
    detail: { email: member.email, from: member.role, to: role, provider: config.id },
  })
}
