/** User session store: where people are signed in. Rows of better-auth, found here by what a cookie holds. */

import type { RoleName } from '@skerry/contract/people/role'
import type { UserSession } from '@skerry/contract/people/user'
import type { OrganisationId, SessionId, UserId } from '@skerry/contract/values/ids'
import { hashSecret } from '../keys/key-secret.ts'
import type { RoleColumns } from '../roles/role-store.ts'
import { fromJson, type Json } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { UserSessionTable } from '../store/tables/access/people-tables.ts'

/** A person has a few browsers; a script that signs in again and again pushes out its own oldest sessions only. */
const SESSIONS_PER_USER_MAX = 20

export type SignedIn = RoleColumns & {
  id: SessionId
  user_id: UserId
  organisation_id: OrganisationId
  organisation: string
  /** Of the organisation. */
  disabled_at_ms: number | null | undefined
  name: string
  email: string
  confirmed_at_ms: number | null
  created_at: string
  is_multi_factor: 0 | 1
  /** Null where the session set up no second factor. */
  enrolled_in: OrganisationId | null
  /** `password`, `passkey` or `provider:ID`. */
  method: string
  second_factor_for: Json<RoleName[]> | null
  idle_lock_seconds: number | null
  updated_at: string
}

/** Whether the session counts as one with a second factor in the organisation: one that it set up itself counts only there. */
export const isMultiFactorIn = (
  { is_multi_factor, enrolled_in }: Pick<SignedIn, 'is_multi_factor' | 'enrolled_in'>,
  organisationId: OrganisationId,
): boolean => is_multi_factor === 1 && (enrolled_in === null || enrolled_in === organisationId)

/** Whether the organisation asks for a second factor, and the person signed in without one: here or at a provider. */
export const needsSecondFactor = (who: SignedIn): boolean =>
  !isMultiFactorIn(who, who.organisation_id) &&
  who.second_factor_for !== null &&
  fromJson(who.second_factor_for).includes(who.role)

/** Whether a provider vouches for the person: then the session counts in the organisation of that provider only. */
export const isBound = ({ method }: Pick<SignedIn, 'method'>): boolean => method.startsWith('provider:')

/** Which of the person's sessions this one may see and end: a session of a provider sees only those of its organisation. */
export const reachOf = (who: SignedIn): Whose => ({
  userId: who.user_id,
  ...(isBound(who) && { organisationId: who.organisation_id }),
})

/** Who the cookie stands for, with the role that the person has now. A session that nobody sits at is locked: only a new one goes on. */
export async function findUserSession(db: Db, secret: string, nowMs: number): Promise<SignedIn | undefined> {
  const row = await openSession(db, secret, nowMs)
  if (!row || row.idle_lock_seconds === null) return row
  return Date.parse(row.updated_at) + row.idle_lock_seconds * 1_000 > nowMs ? row : undefined
}

/** From now on the session is in the organisation. Somebody did that: its lock counts from here. */
export async function moveSession(
  tx: Tx,
  id: SessionId,
  { organisationId, nowMs }: { organisationId: OrganisationId; nowMs: number },
): Promise<void> {
  await tx
    .updateTable('user_sessions')
    .set({ organisation_id: organisationId, updated_at: new Date(nowMs).toISOString() })
    .where('id', '=', id)
    .execute()
}

/** [IEC 62443-4-2 CR 2.5] Somebody is there. */
export async function noteStay(tx: Tx, id: SessionId, nowMs: number): Promise<void> {
  await tx
    .updateTable('user_sessions')
    .set({ updated_at: new Date(nowMs).toISOString() })
    .where('id', '=', id)
    .execute()
}

const openSession = (db: Db, secret: string, nowMs: number): Promise<SignedIn | undefined> =>
  db
    .selectFrom('user_sessions')
    .innerJoin('users', 'users.id', 'user_sessions.user_id')
    .innerJoin('organisations', 'organisations.id', 'user_sessions.organisation_id')
    .innerJoin('memberships', (join) =>
      join
        .onRef('memberships.user_id', '=', 'user_sessions.user_id')
        .onRef('memberships.organisation_id', '=', 'user_sessions.organisation_id'),
    )
    .leftJoin('roles', (join) =>
      join
        .onRef('roles.organisation_id', '=', 'memberships.organisation_id')
        .onRef('roles.name', '=', 'memberships.role'),
    )
    .leftJoin('second_factors', 'second_factors.user_id', 'users.id')
    .leftJoin('sign_in_rules', 'sign_in_rules.organisation_id', 'user_sessions.organisation_id')
    .select([
      ...(['user_sessions.id', 'user_sessions.user_id', 'user_sessions.organisation_id'] as const),
      ...(['users.name', 'users.email', 'memberships.role', 'second_factors.confirmed_at_ms'] as const),
      ...(['user_sessions.created_at', 'user_sessions.is_multi_factor', 'user_sessions.method'] as const),
      'user_sessions.enrolled_in' as const,
      ...(['sign_in_rules.second_factor_for'] as const),
      ...(['user_sessions.updated_at', 'sign_in_rules.idle_lock_seconds'] as const),
      ...(['roles.permissions as role_permissions', 'roles.scope as role_scope'] as const),
      ...(['organisations.name as organisation', 'organisations.disabled_at_ms'] as const),
    ])
    .where('user_sessions.token', '=', hashSecret(secret))
    .where('user_sessions.expires_at', '>', new Date(nowMs).toISOString())
    .executeTakeFirst()

type Whose = { userId: UserId; organisationId?: OrganisationId | undefined }

/** Sessions that have not ended, newest first. */
export const listUserSessions = (
  db: Db,
  { userId, organisationId }: Whose,
  nowMs: number,
): Promise<UserSessionTable[]> =>
  db
    .selectFrom('user_sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .$if(organisationId !== undefined, (select) =>
      select.where('organisation_id', '=', organisationId ?? ('' as never)),
    )
    .where('expires_at', '>', new Date(nowMs).toISOString())
    .orderBy('created_at', 'desc')
    .execute()

/** Ends one; false where there is none. */
export async function endUserSession(tx: Tx, { userId, organisationId }: Whose, id: SessionId): Promise<boolean> {
  const result = await tx
    .deleteFrom('user_sessions')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .$if(organisationId !== undefined, (select) =>
      select.where('organisation_id', '=', organisationId ?? ('' as never)),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

/** Ends all of a person's, or all but one. */
export async function endUserSessions(tx: Tx, userId: UserId, except?: SessionId): Promise<void> {
  await tx
    .deleteFrom('user_sessions')
    .where('user_id', '=', userId)
    .$if(except !== undefined, (select) => select.where('id', '!=', except ?? ('' as never)))
    .execute()
}

/** Ends all of a person's that were begun so, but for this one. */
export async function endOtherSessionsBy(
  tx: Tx,
  userId: UserId,
  { method, except }: { method: string; except: SessionId },
): Promise<void> {
  const rows = tx.deleteFrom('user_sessions').where('user_id', '=', userId).where('method', '=', method)
  await rows.where('id', '!=', except).execute()
}

/** From now on the session is one of a person who has proved a second factor that was there before. */
export async function liftSession(tx: Tx, id: SessionId): Promise<void> {
  await tx.updateTable('user_sessions').set({ is_multi_factor: 1, enrolled_in: null }).where('id', '=', id).execute()
}

/** The session has set up a second factor: that lifts it in its organisation. A session that had proved one before stays as it is. */
export async function liftEnrolled(tx: Tx, { id, organisation_id }: SignedIn): Promise<void> {
  await tx
    .updateTable('user_sessions')
    .set({ is_multi_factor: 1, enrolled_in: organisation_id })
    .where('id', '=', id)
    .where('is_multi_factor', '=', 0)
    .execute()
}

/** The second factor is gone, and with it what it had proved. */
export async function lowerSessions(tx: Tx, userId: UserId): Promise<void> {
  const rows = tx
    .updateTable('user_sessions')
    .set({ is_multi_factor: 0, enrolled_in: null })
    .where('user_id', '=', userId)
  await rows.where('method', '=', 'password').execute()
}

type Coming = { userId: UserId; organisationId: OrganisationId; method: string }

/**
 * Forgets what is over, and makes room for a session of the person. Sessions of a provider count by themselves, in each organisation: else its
 * operator would end the person's sessions elsewhere.
 */
export async function tidyUserSessions(tx: Tx, { userId, ...coming }: Coming, nowMs: number): Promise<void> {
  await tx.deleteFrom('user_sessions').where('expires_at', '<=', new Date(nowMs).toISOString()).execute()
  const kept = (await listUserSessions(tx, { userId }, nowMs)).filter((each) =>
    isBound(coming) ? isBound(each) && each.organisation_id === coming.organisationId : !isBound(each),
  )
  for (const { id } of kept.slice(SESSIONS_PER_USER_MAX - 1)) await endUserSession(tx, { userId }, id)
}

/** The session as the API shows it. */
export const userSessionOf = (row: UserSessionTable, own: SessionId | undefined): UserSession => ({
  id: row.id,
  createdAtMs: Date.parse(row.created_at),
  expiresAtMs: Date.parse(row.expires_at),
  source: row.ip_address ?? '',
  browser: row.user_agent ?? '',
  method: row.method,
  isThis: row.id === own,
})
