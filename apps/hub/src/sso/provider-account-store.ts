/** Provider account store: which person a provider's subject is. The issuer is part of it: the same subject of another issuer is somebody else. */
import type { OrganisationId, UserId } from '@skerry/contract/values/ids'
import type { Claims } from '@skerry/core/people/single-sign-on'
import type { PeopleAuth } from '../people/people-auth.ts'
import type { Db, Tx } from '../store/store.ts'
import type { InvitationTable } from '../store/tables/access/people-tables.ts'

/** As better-auth's records name it. */
export const providerIdOf = (issuer: string): string => `oidc ${issuer}`

/** The issuer in it; undefined where it is the password. */
export const issuerOf = (providerId: string): string | undefined =>
  providerId.startsWith('oidc ') ? providerId.slice('oidc '.length) : undefined

export type Subject = { issuer: string; sub: string }

/** Whose subject it is. */
export const findLinked = (db: Db, { issuer, sub }: Subject): Promise<{ id: UserId; name: string } | undefined> =>
  db
    .selectFrom('user_accounts')
    .innerJoin('users', 'users.id', 'user_accounts.user_id')
    .select(['users.id', 'users.name'])
    .where('user_accounts.provider_id', '=', providerIdOf(issuer))
    .where('user_accounts.account_id', '=', sub)
    .executeTakeFirst()

/** Which providers a person has, by what `providerIdOf` makes. */
export async function linkedProviders(db: Db, userId: UserId): Promise<string[]> {
  const rows = await db.selectFrom('user_accounts').select('provider_id').where('user_id', '=', userId).execute()
  return rows.map(({ provider_id }) => provider_id)
}

/** From now on the subject is the person. */
export const link = (auth: PeopleAuth, tx: Tx, userId: UserId, { issuer, sub }: Subject) =>
  auth.within(tx, (records) => records.linkAccount({ userId, accountId: sub, providerId: providerIdOf(issuer) }))

/** Parts them. The address alone does not bring them together again. */
export async function unlink(tx: Tx, userId: UserId, issuer: string): Promise<void> {
  await tx
    .deleteFrom('user_accounts')
    .where('user_id', '=', userId)
    .where('provider_id', '=', providerIdOf(issuer))
    .execute()
  await stopLinking(tx, userId)
}

/** From now on no provider becomes a way in by the address alone, also not after a reset: the person adds it to the account. */
export async function stopLinking(tx: Tx, userId: UserId): Promise<void> {
  await tx.updateTable('users').set({ links_by_address: 0 }).where('id', '=', userId).execute()
}

/** The organisation of the name. */
export const findOrganisation = (db: Db, name: string): Promise<{ id: OrganisationId } | undefined> =>
  db
    .selectFrom('organisations')
    .select('id')
    .where('name', '=', name)
    .where('disabled_at_ms', 'is', null)
    .executeTakeFirst()

/**
 * Whether a provider of the organisation may become a way in to the account by its address alone: the person belongs to the organisation, and
 * has proved the address to the hub or came with a provider of this organisation. The word of another organisation's provider does not count.
 * After a provider was removed, by the person or by the first reset, none does.
 */
export async function isLinkable(db: Db, userId: UserId, organisationId: OrganisationId): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .innerJoin('memberships', 'memberships.user_id', 'users.id')
    .select(['users.email_verified', 'users.links_by_address', 'users.vouched_by'])
    .where('users.id', '=', userId)
    .where('memberships.organisation_id', '=', organisationId)
    .executeTakeFirst()
  if (!row || row.links_by_address === 0) return false
  return row.email_verified === 1 || row.vouched_by === organisationId
}

/** An invitation for the address that still counts. */
export const invitationFor = (
  db: Db,
  { organisationId, email, nowMs }: { organisationId: OrganisationId; email: string; nowMs: number },
): Promise<InvitationTable | undefined> =>
  db
    .selectFrom('invitations')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('email', '=', email)
    .where('expires_at_ms', '>', nowMs)
    .whereRef('uses', '<', 'uses_max')
    .executeTakeFirst()

/** What the person is called: by the provider, or as the address begins. */
export function personNameOf({ name }: Claims, email: string): string {
  const said = typeof name === 'string' ? name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim() : ''
  return (said || email).slice(0, 63)
}
