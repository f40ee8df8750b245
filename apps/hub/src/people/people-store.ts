/** People store: users in their organisations, as records. What better-auth writes is read here without it. */

import type { RoleName } from '@skerry/contract/people/role'
import type { SignInRules, User } from '@skerry/contract/people/user'
import type { OrganisationId, UserId } from '@skerry/contract/values/ids'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import { countPasskeys } from './factors/passkey-store.ts'

export type Member = {
  id: UserId
  email: string
  name: string
  role: RoleName
  joined_at_ms: number
  confirmed_at_ms: number | null
}

const members = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .leftJoin('second_factors', 'second_factors.user_id', 'users.id')
    .select([
      'users.id',
      'users.email',
      'users.name',
      'memberships.role',
      'memberships.created_at_ms as joined_at_ms',
      'second_factors.confirmed_at_ms',
    ])
    .where('memberships.organisation_id', '=', organisationId)

/** One page of an organisation's people, by address. */
export const listMembers = (
  db: Db,
  { organisationId, limit, after }: { organisationId: OrganisationId; limit: number; after: string | undefined },
): Promise<Member[]> =>
  members(db, organisationId)
    .$if(after !== undefined, (select) => select.where('users.email', '>', after ?? ''))
    .orderBy('users.email')
    .limit(limit)
    .execute()

/** One of an organisation's people. */
export const findMember = (db: Db, organisationId: OrganisationId, id: UserId): Promise<Member | undefined> =>
  members(db, organisationId).where('users.id', '=', id).executeTakeFirst()

/** The person as the API shows it. */
export async function userOf(db: Db, organisationId: OrganisationId, member: Member): Promise<User> {
  const { newest } = await db
    .selectFrom('user_sessions')
    .select(({ fn }) => fn.max('created_at').as('newest'))
    .where('user_id', '=', member.id)
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  const passkeys = await countPasskeys(db, member.id)
  return {
    id: member.id,
    email: member.email,
    name: member.name,
    role: member.role,
    hasSecondFactor: member.confirmed_at_ms !== null || passkeys > 0,
    passkeys,
    createdAtMs: member.joined_at_ms,
    ...(newest ? { lastSignInAtMs: Date.parse(newest) } : {}),
  }
}

export type Membership = {
  organisation_id: OrganisationId
  organisation: string
  role: RoleName
  /** Of the organisation: nobody gets in. */
  disabled_at_ms: number | null | undefined
}

/** Where a person belongs, by the organisation's name. */
export const membershipsOf = (db: Db, userId: UserId): Promise<Membership[]> =>
  db
    .selectFrom('memberships')
    .innerJoin('organisations', 'organisations.id', 'memberships.organisation_id')
    .select([
      'memberships.organisation_id',
      'organisations.name as organisation',
      'memberships.role',
      'organisations.disabled_at_ms',
    ])
    .where('memberships.user_id', '=', userId)
    .orderBy('organisations.name')
    .execute()

export type KnownPerson = {
  id: UserId
  email: string
  name: string
  password: string | null
  /** 1 where the person has proved the address to the hub. */
  email_verified: 0 | 1
}

/** Whoever has the address, with the hash of the password. */
export const findPerson = (db: Db, email: string): Promise<KnownPerson | undefined> =>
  people(db).where('users.email', '=', email).executeTakeFirst()

/** The person of the id. */
export const findPersonById = (db: Db, id: UserId): Promise<KnownPerson | undefined> =>
  people(db).where('users.id', '=', id).executeTakeFirst()

const people = (db: Db) =>
  db
    .selectFrom('users')
    .leftJoin('user_accounts', (join) =>
      join.onRef('user_accounts.user_id', '=', 'users.id').on('user_accounts.provider_id', '=', 'credential'),
    )
    .select(['users.id', 'users.email', 'users.name', 'users.email_verified', 'user_accounts.password'])

/** Adds the person to the organisation; false where the person is there already. */
export async function insertMembership(
  tx: Tx,
  row: { user_id: UserId; organisation_id: OrganisationId; role: RoleName; created_at_ms: number },
): Promise<boolean> {
  const result = await tx
    .insertInto('memberships')
    .values(row)
    .onConflict((conflict) => conflict.columns(['user_id', 'organisation_id']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) > 0
}

/** Gives the person, and the person's keys, another role. */
export async function updateRole(tx: Tx, organisationId: OrganisationId, id: UserId, role: RoleName): Promise<void> {
  await tx
    .updateTable('memberships')
    .set({ role })
    .where('organisation_id', '=', organisationId)
    .where('user_id', '=', id)
    .execute()
  await tx
    .updateTable('keys')
    .set({ role })
    .where('organisation_id', '=', organisationId)
    .where('user_id', '=', id)
    .execute()
}

/** Takes the person out of the organisation, and with the last organisation everything that is known of the person. */
export async function removeMember(tx: Tx, organisationId: OrganisationId, id: UserId, nowMs: number): Promise<void> {
  await tx
    .updateTable('keys')
    .set({ revoked_at_ms: nowMs })
    .where('organisation_id', '=', organisationId)
    .where('user_id', '=', id)
    .where('revoked_at_ms', 'is', null)
    .execute()
  for (const table of ['user_sessions', 'memberships'] as const) {
    await tx.deleteFrom(table).where('organisation_id', '=', organisationId).where('user_id', '=', id).execute()
  }
  if ((await membershipsOf(tx, id)).length === 0) await tx.deleteFrom('users').where('id', '=', id).execute()
}

/** How many people are owners. */
export async function countOwners(tx: Tx, organisationId: OrganisationId): Promise<number> {
  const { count } = await tx
    .selectFrom('memberships')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow()
  return count
}

/** What is asked of whoever signs in. */
export async function findSignInRules(db: Db, organisationId: OrganisationId): Promise<SignInRules> {
  const row = await db
    .selectFrom('sign_in_rules')
    .select(['second_factor_for', 'idle_lock_seconds'])
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  const idleLockSeconds = row?.idle_lock_seconds ?? undefined
  return {
    secondFactorFor: row ? fromJson(row.second_factor_for) : [],
    ...(idleLockSeconds !== undefined && { idleLockSeconds }),
  }
}

/** Says it anew. */
export async function putSignInRules(
  tx: Tx,
  organisationId: OrganisationId,
  { secondFactorFor, idleLockSeconds }: SignInRules,
): Promise<void> {
  const columns = { second_factor_for: toJson(secondFactorFor), idle_lock_seconds: idleLockSeconds ?? null }
  await tx
    .insertInto('sign_in_rules')
    .values({ organisation_id: organisationId, ...columns })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet(columns))
    .execute()
}
