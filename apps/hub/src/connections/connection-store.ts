/** Connection store: sources and sinks as records. What one says is read only where somebody asks for it. */
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

/** A connection without what it says, with the names that its scope is made of. */
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

/** One page, by id: names are not unique. */
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

/** The connection of the id; undefined where the organisation has none. */
export function findConnection(
  db: Db,
  organisationId: OrganisationId,
  id: ConnectionId,
): Promise<ConnectionRow | undefined> {
  return connections(db, organisationId).where('connections.id', '=', id).executeTakeFirst()
}

/** The one of an owner. */
export async function findOwned(
  db: Db,
  organisationId: OrganisationId,
  { kind, owner, name }: { kind: ConnectionKind; owner: string; name: string },
): Promise<ConnectionRow | undefined> {
  const page = { organisationId, kind, owner, name, limit: 1, after: undefined }
  return (await listConnections(db, page))[0]
}

/** What it says. */
export async function specOf(db: Db, id: ConnectionId): Promise<string | undefined> {
  const row = await db.selectFrom('connections').select('spec').where('id', '=', id).executeTakeFirst()
  return row?.spec
}

/** All that may count on the device: its own, its site's, the organisation's. */
export function connectionsAbout(
  db: Db,
  { id, organisation_id, site_id }: { id: DeviceId; organisation_id: OrganisationId; site_id: SiteId },
): Promise<ConnectionRow[]> {
  return connections(db, organisation_id).where('connections.owner', 'in', [id, site_id, ORGANISATION]).execute()
}

/** Of one owner and kind: those of other names, how many and how large together. */
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

/** Keeps what it says now in place of what it said before. */
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

/** The devices of a scope, by whether something more specific of the name counts on them. */
export async function reachOf(db: Db, { organisationId, kind, name, owner }: Place) {
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
    devices: await namesOf(devicesIn(db, scope).where(({ not }) => not(isOneOf(rivals, rivalSites)))),
    overridden: await namesOf(devicesIn(db, scope).where(isOneOf(rivals, rivalSites))),
  }
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

/** No rows are `in ()`, which PostgreSQL does not take: a list has an id that nobody has. */
function isOneOf(devices: readonly DeviceId[], sites: readonly SiteId[]) {
  const { eb } = expressionBuilder<Tables, 'devices'>()
  return eb.or([
    eb('devices.id', 'in', ['' as DeviceId, ...devices]),
    eb('devices.site_id', 'in', ['' as SiteId, ...sites]),
  ])
}

async function namesOf(devices: ReturnType<typeof devicesIn>) {
  const { count } = await devices.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const rows = await devices.select('name').orderBy('name').limit(REACHED_SHOWN).execute()
  return { count: Number(count), names: rows.map(({ name }) => name) }
}

/** What may be told of it. */
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
