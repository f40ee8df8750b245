/** Connection store: sources and sinks as records. The configuration is read only when a caller needs it. */
import {
  type Connection,
  type ConnectionKind,
  type ConnectionScope,
  REACHED_SHOWN,
} from '@skerry/contract/connections/connection'
import type { ConnectionId, DeviceId, OrganisationId, SiteId } from '@skerry/contract/values/ids'
import { expressionBuilder } from 'kysely'
import { ORGANISATION, type SecretOwner } from '../secrets/secret-store.ts'
import type { Db, Tables, Tx } from '../store/store.ts'
import type { ConnectionTable } from '../store/tables/connection-tables.ts'
import type { SiteTable } from '../store/tables/foundation-tables.ts'

/** A connection without its configuration, with the names of its scope. */
export type ConnectionRow = Omit<ConnectionTable, 'spec'> & { site: string | null; device: string | null }

const COLUMNS = [
  ...(['id', 'organisation_id', 'kind', 'name', 'owner', 'site_id', 'device_id', 'version', 'protocol'] as const),
  ...(['tags', 'digest', 'size_bytes', 'created_at_ms', 'updated_at_ms', 'updated_by'] as const),
] as const

const connections = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('connections')
    .leftJoin('sites', 'sites.id', 'connections.site_id')
    .leftJoin('devices', 'devices.id', 'connections.device_id')
    .select(COLUMNS.map((column) => `connections.${column}` as const))
    .select(['sites.name as site', 'devices.name as device'])
    .where('connections.organisation_id', '=', organisationId)

type ConnectionPage = {
  organisationId: OrganisationId
  kind: ConnectionKind
  limit: number
  after: ConnectionId | undefined
  owner: string | undefined
  name: string | undefined
}

/** One page of connections, by id, because names are not unique. */
export function listConnections(db: Db, page: ConnectionPage): Promise<ConnectionRow[]> {
  const { organisationId, kind, limit, after, owner, name } = page
  return connections(db, organisationId)
    .where('connections.kind', '=', kind)
    .$if(after !== undefined, (select) => select.where('connections.id', '>', after as ConnectionId))
    .$if(owner !== undefined, (select) => select.where('connections.owner', '=', owner ?? ''))
    .$if(name !== undefined, (select) => select.where('connections.name', '=', name ?? ''))
    .orderBy('connections.id')
    .limit(limit)
    .execute()
}

/** The connection of the id; undefined if the organisation has none. */
export function findConnection(
  db: Db,
  organisationId: OrganisationId,
  id: ConnectionId,
): Promise<ConnectionRow | undefined> {
  return connections(db, organisationId).where('connections.id', '=', id).executeTakeFirst()
}

/** The connection of an owner and a name. */
export async function findOwned(
  db: Db,
  organisationId: OrganisationId,
  { kind, owner, name }: { kind: ConnectionKind; owner: string; name: string },
): Promise<ConnectionRow | undefined> {
  const page = { organisationId, kind, owner, name, limit: 1, after: undefined }
  return (await listConnections(db, page))[0]
}

/** The configuration as canonical JSON text. */
export async function specOf(db: Db, id: ConnectionId): Promise<string | undefined> {
  const row = await db.selectFrom('connections').select('spec').where('id', '=', id).executeTakeFirst()
  return row?.spec
}

/** All connections that may count on the device: its own, its site's, and the organisation's. */
export function connectionsAbout(
  db: Db,
  { id, organisation_id, site_id }: { id: DeviceId; organisation_id: OrganisationId; site_id: SiteId },
): Promise<ConnectionRow[]> {
  return connections(db, organisation_id).where('connections.owner', 'in', [id, site_id, ORGANISATION]).execute()
}

/** The number and the total size of the other connections of the same owner and kind. */
export async function othersOf(
  db: Db,
  organisationId: OrganisationId,
  { kind, owner, name }: { kind: ConnectionKind; owner: string; name: string },
) {
  const { count, bytes } = await db
    .selectFrom('connections')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number | null>('size_bytes').as('bytes')])
    .where('organisation_id', '=', organisationId)
    .where('owner', '=', owner)
    .where('kind', '=', kind)
    .where('name', '!=', name)
    .executeTakeFirstOrThrow()
  return { count: Number(count), bytes: Number(bytes ?? 0) }
}

/** Inserts the connection, or replaces its configuration. */
export async function saveConnection(tx: Tx, row: ConnectionTable): Promise<void> {
  const { version, protocol, tags, digest, size_bytes, spec, updated_at_ms, updated_by } = row
  await tx
    .insertInto('connections')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ version, protocol, tags, digest, size_bytes, spec, updated_at_ms, updated_by }),
    )
    .execute()
}

export async function deleteConnection(tx: Tx, id: ConnectionId): Promise<void> {
  await tx.deleteFrom('connections').where('id', '=', id).execute()
}

type Place = { organisationId: OrganisationId; kind: ConnectionKind; name: string; owner: SecretOwner }

async function dividedDevices(db: Db, { organisationId, kind, name, owner }: Place) {
  const { site_id, device_id } = owner
  const rows = await db
    .selectFrom('connections')
    .select(['site_id', 'device_id'])
    .where('organisation_id', '=', organisationId)
    .where('kind', '=', kind)
    .where('name', '=', name)
    .execute()
  const rivals = device_id === null ? rows.flatMap((row) => row.device_id ?? []) : []
  const rivalSites = device_id === null && site_id === null ? rows.flatMap((row) => row.site_id ?? []) : []
  const scope = { organisationId, owner }
  return {
    devices: devicesIn(db, scope).where(({ not }) => not(isOneOf(rivals, rivalSites))),
    overridden: devicesIn(db, scope).where(isOneOf(rivals, rivalSites)),
  }
}

/** The devices of a scope, divided by whether a more specific connection of the name counts on them. */
export async function reachOf(db: Db, place: Place) {
  const { devices, overridden } = await dividedDevices(db, place)
  return { devices: await namesOf(devices), overridden: await namesOf(overridden) }
}

const devicesIn = (
  db: Db,
  { organisationId, owner: { site_id, device_id } }: Pick<Place, 'organisationId' | 'owner'>,
) =>
  db
    .selectFrom('devices')
    .where('organisation_id', '=', organisationId)
    .where('status', '!=', 'revoked')
    .$if(site_id !== null, (select) => select.where('site_id', '=', site_id ?? ('' as SiteId)))
    .$if(device_id !== null, (select) => select.where('id', '=', device_id ?? ('' as DeviceId)))

/** PostgreSQL rejects an empty `in ()`. So each list has an id that no row has. */
function isOneOf(devices: readonly DeviceId[], sites: readonly SiteId[]) {
  const { eb } = expressionBuilder<Tables, 'devices'>()
  return eb.or([
    eb('devices.id', 'in', ['' as DeviceId, ...devices]),
    eb('devices.site_id', 'in', ['' as SiteId, ...sites]),
  ])
}

/** The sites of the devices that would run it, and the site that it belongs to. */
export async function sitesReached(db: Db, place: Place): Promise<Pick<SiteTable, 'name' | 'clearance'>[]> {
  const { organisationId, owner } = place
  const reached = (await dividedDevices(db, place)).devices.select('devices.site_id')
  return db
    .selectFrom('sites')
    .select(['name', 'clearance'])
    .where('organisation_id', '=', organisationId)
    .where(({ eb, or }) =>
      or([eb('id', 'in', reached), ...(owner.site_id === null ? [] : [eb('id', '=', owner.site_id)])]),
    )
    .orderBy('name')
    .execute()
}

async function namesOf(devices: ReturnType<typeof devicesIn>) {
  const { count } = await devices.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const rows = await devices.select('name').orderBy('name').limit(REACHED_SHOWN).execute()
  return { count: Number(count), names: rows.map(({ name }) => name) }
}

/** The fields that the API may show. */
export const connectionOf = (row: ConnectionRow): Connection => ({
  id: row.id,
  name: row.name,
  scope: scopeOf(row),
  protocol: row.protocol,
  ...(row.tags !== null && { tags: row.tags }),
  version: row.version,
  digest: row.digest,
  sizeBytes: row.size_bytes,
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
  updatedBy: row.updated_by,
})

function scopeOf({ site, device }: ConnectionRow): ConnectionScope {
  if (device !== null) return `device:${device}`
  return site === null ? ORGANISATION : `site:${site}`
}
