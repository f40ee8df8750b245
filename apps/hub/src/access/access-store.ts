/** Access store: grants and sessions of remote access, as records. */
import { createHash } from 'node:crypto'
import type { AccessGrant, AccessSession, AccessState } from '@skerry/contract/access/access'
import type { AccessGrantId, AccessSessionId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { AccessGrantTable, AccessSessionTable } from '../store/tables/access/access-session-tables.ts'
import { watchersOf } from './watcher-store.ts'

type Of = { organisationId: OrganisationId; deviceId?: DeviceId | undefined }

/** Undefined if the organisation has no such grant for the device. */
export const findAccessGrant = (db: Db, { organisationId, deviceId }: Of, id: AccessGrantId) =>
  db
    .selectFrom('access_grants')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(deviceId !== undefined, (select) => select.where('device_id', '=', deviceId as DeviceId))
    .where('id', '=', id)
    .executeTakeFirst()

/** Grants of a person for a device that count now, newest first. */
export const activeGrants = (
  db: Db,
  { organisationId, deviceId, personId, nowMs }: Of & { personId?: string | undefined; nowMs: number },
): Promise<AccessGrantTable[]> =>
  db
    .selectFrom('access_grants')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('device_id', '=', deviceId as DeviceId)
    .$if(personId !== undefined, (select) => select.where('person_id', '=', personId as AccessGrantTable['person_id']))
    .where('revoked', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .execute()

type PageOf = Of & { limit: number; before: { atMs: number; id: string } | undefined }

/** One page of grants, newest first. */
export const listAccessGrants = (
  db: Db,
  { organisationId, deviceId, limit, before, state, nowMs }: PageOf & { state: AccessState | undefined; nowMs: number },
): Promise<AccessGrantTable[]> =>
  db
    .selectFrom('access_grants')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(deviceId !== undefined, (select) => select.where('device_id', '=', deviceId as DeviceId))
    .$if(state === 'revoked', (select) => select.where('revoked', 'is not', null))
    .$if(state === 'active', (select) => select.where('revoked', 'is', null).where('expires_at_ms', '>', nowMs))
    .$if(state === 'expired', (select) => select.where('revoked', 'is', null).where('expires_at_ms', '<=', nowMs))
    .$if(before !== undefined, (select) =>
      select.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('created_at_ms', 'id'), '<', tuple(before?.atMs ?? 0, (before?.id ?? '') as AccessGrantId)),
      ),
    )
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** One page of sessions, newest first. */
export const listAccessSessions = (
  db: Db,
  { organisationId, deviceId, limit, before, grantId }: PageOf & { grantId: AccessGrantId | undefined },
): Promise<AccessSessionTable[]> =>
  db
    .selectFrom('access_sessions')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(deviceId !== undefined, (select) => select.where('device_id', '=', deviceId as DeviceId))
    .$if(grantId !== undefined, (select) => select.where('grant_id', '=', grantId as AccessGrantId))
    .$if(before !== undefined, (select) =>
      select.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('created_at_ms', 'id'), '<', tuple(before?.atMs ?? 0, (before?.id ?? '') as AccessSessionId)),
      ),
    )
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** Undefined if the organisation has no such session. */
export const findAccessSession = (db: Db, { organisationId, deviceId }: Of, id: AccessSessionId) =>
  db
    .selectFrom('access_sessions')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(deviceId !== undefined, (select) => select.where('device_id', '=', deviceId as DeviceId))
    .where('id', '=', id)
    .executeTakeFirst()

/** The number of sessions that wait or are open, by grant. */
export async function openSessionsOf(
  db: Db,
  organisationId: OrganisationId,
  grants: readonly AccessGrantId[],
): Promise<ReadonlyMap<AccessGrantId, number>> {
  if (grants.length === 0) return new Map()
  const rows = await db
    .selectFrom('access_sessions')
    .select(({ fn }) => ['grant_id', fn.countAll<number>().as('count')])
    .where('organisation_id', '=', organisationId)
    .where('grant_id', 'in', grants)
    .where('state', '=', 'open')
    .groupBy('grant_id')
    .execute()
  return new Map(rows.map(({ grant_id, count }) => [grant_id, Number(count)]))
}

/** The number of sessions of an organisation that wait or are open. */
export async function countOpenSessions(db: Db, organisationId: OrganisationId): Promise<number> {
  const { count } = await db
    .selectFrom('access_sessions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('state', 'in', ['waiting', 'open'])
    .executeTakeFirstOrThrow()
  return Number(count)
}

type Shown = { device: string; personId: string; nowMs: number; openSessions: number }

/** The grant as the API shows it. */
export function accessGrantOf(row: AccessGrantTable, { device, personId, nowMs, openSessions }: Shown): AccessGrant {
  const { kinds, targets, path, reason, isModerated } = fromJson(row.spec)
  const revoked = row.revoked === null ? undefined : fromJson(row.revoked)
  return {
    id: row.id,
    device,
    holder: fromJson(row.holder),
    isYours: row.person_id === personId,
    kinds,
    targets,
    ...(path !== undefined && { path }),
    reason,
    ...(isModerated && { isModerated }),
    state: revoked ? 'revoked' : row.expires_at_ms > nowMs ? 'active' : 'expired',
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    ...(revoked && { revoked }),
    openSessions,
  }
}

/** The facts about a session that stand in other records. */
export type SessionExtras = Pick<AccessSession, 'isModerated' | 'watchers'>

/** By session: whether its grant is moderated, and the people who watch it now. */
export async function sessionExtras(
  db: Db,
  rows: readonly Pick<AccessSessionTable, 'id' | 'grant_id' | 'state'>[],
  nowMs: number,
): Promise<ReadonlyMap<AccessSessionId, SessionExtras>> {
  if (rows.length === 0) return new Map()
  const grantIds = [...new Set(rows.map(({ grant_id }) => grant_id))]
  const grants = await db.selectFrom('access_grants').select(['id', 'spec']).where('id', 'in', grantIds).execute()
  const moderated = new Set(grants.filter(({ spec }) => fromJson(spec).isModerated).map(({ id }) => id))
  const open = rows.filter(({ state }) => state === 'open' || state === 'waiting').map(({ id }) => id)
  const watchers = await watchersOf(db, open, nowMs)
  return new Map(
    rows.map(({ id, grant_id }) => {
      const names = watchers.filter(({ session_id }) => session_id === id).map(({ name }) => name)
      const isModerated = moderated.has(grant_id)
      return [id, { ...(isModerated && { isModerated }), ...(names.length > 0 && { watchers: names }) }]
    }),
  )
}

/** The session as the API shows it. */
export function accessSessionOf(row: AccessSessionTable, device: string, extras: SessionExtras = {}): AccessSession {
  const { kind, target } = fromJson(row.wish)
  return {
    id: row.id,
    grant: row.grant_id,
    device,
    holder: fromJson(row.holder),
    kind,
    ...(target !== undefined && { target }),
    state: row.state,
    createdAtMs: row.created_at_ms,
    ...(row.ended_at_ms !== null && { endedAtMs: row.ended_at_ms }),
    ...(row.ended !== null && { ended: row.ended }),
    ...(row.exit_code !== null && { exitCode: row.exit_code }),
    ...(row.recording !== null && { recording: fromJson(row.recording) }),
    ...extras,
  }
}

/** A place in a list by time: `<milliseconds>.<id>`. */
export const placeOf = ({ createdAtMs, id }: { createdAtMs: number; id: string }) => `${createdAtMs}.${id}`

/** A text that is no place names no row: the page after it is the first one. */
export function placeIn(after: string | undefined): { atMs: number; id: string } | undefined {
  const [, atMs, id] = /^([0-9]{1,15})\.([a-z]{3}_[a-z2-7]{8,32})$/.exec(after ?? '') ?? []
  return atMs === undefined || id === undefined ? undefined : { atMs: Number(atMs), id }
}

/** Only its digest is stored. */
export const ticketHash = (ticket: string) => createHash('sha256').update(ticket).digest('hex')

/** The facts of a grant that are judged. */
export function grantFacts(row: AccessGrantTable) {
  const { kinds, targets, path } = fromJson(row.spec)
  const revokedAtMs = row.revoked === null ? undefined : fromJson(row.revoked).atMs
  return { kinds, targets, path, expiresAtMs: row.expires_at_ms, revokedAtMs }
}
