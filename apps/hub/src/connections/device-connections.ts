/**
 * Device connections: the sources and sinks that a device should have, derived from the records at each call, and the
 * device's report on them.
 */
import type { ConnectionStatus, HubQueueStatus } from '@skerry/contract/connections/connection'
import type { ConnectionsDocument, HeldConnections } from '@skerry/contract/held/connections'
import type { Clearance } from '@skerry/contract/values/clearance'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { mostSpecific } from '@skerry/core/secrets/secret-scope'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import type { HeldPlace } from '../held/held-document.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { keepStates } from './connection-states.ts'
import { type ConnectionRow, connectionsAbout } from './connection-store.ts'

type DeviceRow = Pick<DeviceTable, 'id' | 'organisation_id' | 'site_id'>

/** The site as the device gets it. */
type SiteRow = { name: Name; clearance: Clearance; country?: string }

export type WantedConnections = {
  rows: ConnectionRow[]
  /** Undefined if there are no connections: then the device handles no data of equipment. */
  site: SiteRow | undefined
  /** Undefined if there are none. */
  revision: Digest | undefined
}

/** The connections that count on the device. */
export async function wantedConnections(db: Db, device: DeviceRow): Promise<WantedConnections> {
  const all = await connectionsAbout(db, device)
  const rows = (['source', 'sink'] as const).flatMap((kind) => mostSpecific(all.filter((row) => row.kind === kind)))
  if (rows.length === 0) return { rows, site: undefined, revision: undefined }
  const site = await db
    .selectFrom('sites')
    .select(['name', 'clearance', 'country'])
    .where('id', '=', device.site_id)
    .executeTakeFirstOrThrow()
  const { clearance, country } = site
  const place = [site.name, clearance, ...(country === null ? [] : [country])].join(' ')
  const parts = [...rows.map(({ id, version }) => `${id} ${version}`), place]
  const shown = { name: Name.parse(site.name), clearance, ...(country !== null && { country }) }
  return { rows, site: shown, revision: digestOf(canonicalJson(parts)) }
}

/** A document without connections removes all of them, so it needs a revision too. */
const NONE = digestOf('no connections')

/** The document for a device that holds that revision; undefined if the device is up to date. */
export async function newConnections(
  db: Db,
  device: DeviceRow,
  held: string | undefined,
): Promise<ConnectionsDocument | undefined> {
  const { rows, site, revision = NONE } = await wantedConnections(db, device)
  if (revision === held || (held === undefined && rows.length === 0)) return undefined
  const connections = rows.map(({ id, kind, name, version, digest, size_bytes }) => {
    return { id, kind, name, version, digest, sizeBytes: size_bytes }
  })
  return { v: 1, deviceId: device.id, revision, ...(site && { site }), connections }
}

/** The newest report of the device. */
export async function saidOf(db: Db, deviceId: DeviceId) {
  const row = await db.selectFrom('device_connections').selectAll().where('device_id', '=', deviceId).executeTakeFirst()
  if (!row) return undefined
  const hubQueue = row.hub_queue === null ? undefined : (JSON.parse(row.hub_queue) as HubQueueStatus)
  return { ...row, running: JSON.parse(row.running) as ConnectionStatus[], hubQueue }
}

/** Stores the report of the device. */
export async function keepHeld(
  tx: Tx,
  { deviceId, organisationId }: HeldPlace,
  { revision, running, hubQueue }: HeldConnections,
  nowMs: number,
): Promise<void> {
  const said = {
    revision: revision ?? null,
    running: JSON.stringify(running),
    said_at_ms: nowMs,
    hub_queue: hubQueue ? JSON.stringify(hubQueue) : null,
  }
  await tx
    .insertInto('device_connections')
    .values({ device_id: deviceId, organisation_id: organisationId, ...said })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(said))
    .execute()
  await keepStates(tx, { deviceId, organisationId }, await startedBy(tx, { deviceId, running }))
}

/** The reported connections that the hub knows, each with its id. A device may still run a removed one. */
async function startedBy(tx: Tx, { deviceId, running }: Pick<HeldConnections, 'running'> & { deviceId: DeviceId }) {
  if (running.length === 0) return []
  const device = await tx
    .selectFrom('devices')
    .select(['id', 'organisation_id', 'site_id'])
    .where('id', '=', deviceId)
    .executeTakeFirst()
  const { rows } = device ? await wantedConnections(tx, device) : { rows: [] }
  const ids = new Map(rows.map(({ kind, name, id }) => [`${kind} ${name}`, id]))
  return running.flatMap((status) => {
    const connectionId = ids.get(`${status.kind} ${status.name}`)
    return connectionId === undefined ? [] : [{ connectionId, status }]
  })
}

/** Compares the report of a device with its target. */
export function stateOf(wanted: WantedConnections, held: string | null | undefined): 'current' | 'behind' | 'none' {
  if (wanted.revision === undefined) return held === null || held === undefined || held === NONE ? 'none' : 'behind'
  return wanted.revision === held ? 'current' : 'behind'
}
