/** Device store: devices as records, with their newest reports. */
import type { Device, DeviceDetail, DeviceStatus, Inventory } from '@skerry/contract/devices/device'
import type { DeviceItem } from '@skerry/contract/devices/device-item'
import type { ItemReport } from '@skerry/contract/devices/item'
import type { SiteSpec } from '@skerry/contract/sites/site'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Labels } from '@skerry/contract/values/names'
import { DDI_SOFTWARE } from '@skerry/core/ddi/ddi-report'
import type { SelectorFacts } from '@skerry/core/selectors/selector'
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import { classOfInventory } from '../builds/class-form-store.ts'
import { namedBuilds } from '../builds/named-build-store.ts'
import { endRecords } from '../ledger/ended-store.ts'
import { compileFirst } from '../store/compiled-query.ts'
import { fromJson, type Json, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceItemTable, DeviceReportTable, DeviceTable } from '../store/tables/foundation-tables.ts'
import { deleteParts } from '../traffic/part-store.ts'
import { deviceLinkOf, type LinkColumns } from './device-link-store.ts'
import { duplicateOf } from './duplicate-store.ts'
import { isOnline, livenessOf } from './liveness.ts'
import { rememberedOn } from './remembered-store.ts'

type SiteColumns = {
  site: string
  site_kind: SiteSpec['kind']
  site_country: string | null
  site_region: string | null
  site_labels: Json<Labels>
  site_clearance: SiteSpec['clearance']
}

type ReportColumns = Omit<DeviceReportTable, 'device_id' | 'organisation_id' | 'residency'>

/** A device with its site and its newest report. The report's columns are null before the first one. */
export type DeviceRow = DeviceTable &
  SiteColumns &
  LinkColumns & { [Column in keyof ReportColumns]: ReportColumns[Column] | null }

const devices = (db: Db) =>
  db
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .leftJoin('device_links', 'device_links.device_id', 'devices.id')
    .selectAll('devices')
    .select([
      'sites.name as site',
      'sites.kind as site_kind',
      'sites.country as site_country',
      'sites.region as site_region',
      'sites.labels as site_labels',
      'sites.clearance as site_clearance',
      'device_reports.last_seen_at_ms',
      'device_reports.stale_at_ms',
      'device_reports.reported_at_ms',
      'device_reports.agent_version',
      'device_reports.boot_id',
      'device_reports.previous_boot_id',
      'device_reports.observed_generation',
      'device_reports.observed_digest',
      'device_reports.last_good_generation',
      'device_reports.conditions',
      'device_reports.endpoints',
      'device_reports.inventory',
      'device_links.hub_id as link_hub_id',
      'device_links.connected_at_ms',
      'device_links.ended_at_ms as link_ended_at_ms',
      'device_links.ended as link_ended',
    ])

export type DevicePage = {
  organisationId: OrganisationId
  limit: number
  after: string | undefined
  /** Only devices of the site with this name; an index finds them. */
  site?: string | undefined
}

/** One page of devices, by name. */
export function listDevices(db: Db, { organisationId, limit, after, site }: DevicePage): Promise<DeviceRow[]> {
  return devices(db)
    .where('devices.organisation_id', '=', organisationId)
    .$if(site !== undefined, (select) =>
      select.where('devices.site_id', '=', (eb) =>
        eb
          .selectFrom('sites')
          .select('sites.id')
          .where('sites.organisation_id', '=', organisationId)
          .where('sites.name', '=', site ?? ''),
      ),
    )
    .$if(after !== undefined, (select) => select.where('devices.name', '>', after ?? ''))
    .orderBy('devices.name')
    .limit(limit)
    .execute()
}

/** The device with this name or id; undefined if the organisation has none. */
export function findDevice(db: Db, organisationId: OrganisationId, reference: string): Promise<DeviceRow | undefined> {
  // An id has an underscore, which names cannot have. So a name is never mistaken for another device's id.
  const column = reference.startsWith('dev_') ? 'devices.id' : 'devices.name'
  return devices(db)
    .where('devices.organisation_id', '=', organisationId)
    .where(column, '=', reference as DeviceId)
    .executeTakeFirst()
}

/** The devices among these that the organisation has. */
export async function findDevices(
  db: Db,
  organisationId: OrganisationId,
  ids: readonly DeviceId[],
): Promise<DeviceRow[]> {
  if (ids.length === 0) return []
  return devices(db).where('devices.organisation_id', '=', organisationId).where('devices.id', 'in', ids).execute()
}

/** The device of an id, in any organisation: for the link, which identifies a device by its certificate. */
export const findDeviceById: (db: Db, id: DeviceId) => Promise<DeviceTable | undefined> = compileFirst((db, id) =>
  db
    .selectFrom('devices')
    .selectAll()
    .where('id', '=', id as DeviceId),
)

/** The device with this key; undefined if the organisation has none. */
export function findDeviceByKey(
  db: Db,
  organisationId: OrganisationId,
  publicKeyHash: string,
): Promise<DeviceTable | undefined> {
  return db
    .selectFrom('devices')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('public_key_hash', '=', publicKeyHash)
    .executeTakeFirst()
}

/** The existing devices among these, in any organisation. At most as many as one statement allows. */
export async function findDevicesById(db: Db, ids: readonly DeviceId[]): Promise<DeviceRow[]> {
  return ids.length === 0 ? [] : devices(db).where('devices.id', 'in', ids).execute()
}

export async function insertDevice(tx: Tx, row: DeviceTable): Promise<void> {
  await tx.insertInto('devices').values(row).execute()
}

/** Whether the organisation has a device of the name. */
export async function isNameTaken(db: Db, organisationId: OrganisationId, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('devices')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row !== undefined
}

/** Stores the newest issued certificate. */
export async function keepCertificate(tx: Tx, id: DeviceId, certificatePem: string): Promise<void> {
  const certificate = parseCertificate(certificatePem)
  await tx
    .updateTable('devices')
    .set({
      certificate_pem: certificatePem,
      certificate_serial: certificate?.serial ?? null,
      certificate_fingerprint: certificate?.fingerprint ?? null,
      certificate_not_after_ms: certificate?.notAfterMs ?? null,
    })
    .where('id', '=', id)
    .execute()
}

export async function setStatus(tx: Tx, id: DeviceId, status: DeviceStatus): Promise<void> {
  await tx.updateTable('devices').set({ status }).where('id', '=', id).execute()
}

/** Makes the device active again. The document that it follows now is no longer a conflict. */
export async function resumeDevice(tx: Tx, row: DeviceRow): Promise<void> {
  const standing = { resumed_generation: row.observed_generation, resumed_digest: row.observed_digest }
  await tx
    .updateTable('devices')
    .set({ status: 'active', ...standing })
    .where('id', '=', row.id)
    .execute()
}

/** Replaces the labels, and increments their revision. */
export async function setLabels(tx: Tx, { id, revision }: DeviceTable, labels: Labels): Promise<void> {
  await tx
    .updateTable('devices')
    .set({ labels: toJson(labels), revision: revision + 1 })
    .where('id', '=', id)
    .execute()
}

/**
 * Deletes the device and all its reports, but keeps its id. A backup may restore it, and the hub must not accept it
 * then.
 */
export async function deleteDevice(tx: Tx, id: DeviceId): Promise<void> {
  await endRecords(tx, tx.selectFrom('devices').select('id').where('id', '=', id).where('status', '<>', 'pending'))
  await deleteParts(tx, id)
  await tx.deleteFrom('devices').where('id', '=', id).execute()
}

/** The device's reported items, by name. */
export async function itemsOf(db: Db, deviceId: DeviceId): Promise<ItemReport[]> {
  const rows = await db
    .selectFrom('device_items')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('name')
    .execute()
  return rows.map(itemOf)
}

/** A row of `device_items` as the device reported it. */
export const itemOf = (row: DeviceItemTable): ItemReport => ({
  kind: row.kind,
  name: row.name,
  deploymentId: row.deployment_id,
  target: {
    revision: row.target_revision,
    version: row.target_version,
    digest: row.target_digest,
    retryToken: row.retry_token,
  },
  state: row.state,
  ...(row.cause === null ? {} : { cause: fromJson(row.cause) }),
  ...(row.opens_at_ms === null ? {} : { opensAtMs: row.opens_at_ms }),
  sinceMs: row.since_ms,
  ...(row.serving_version === null || row.serving_digest === null
    ? {}
    : { serving: { version: row.serving_version, digest: row.serving_digest } }),
  ...(row.stats === null ? {} : { stats: fromJson(row.stats) }),
  ...(row.figures === null ? {} : { figures: fromJson(row.figures) }),
  ...(row.scale === null ? {} : { scale: fromJson(row.scale) }),
  ...(row.held === null ? {} : { held: true }),
  ...(row.shadow === null ? {} : { shadow: fromJson(row.shadow) }),
})

/** The time, and the hubs that are up at that time. */
export type DeviceMoment = { nowMs: number; hubs: ReadonlySet<string> }

/** The device as the API lists it. */
export function deviceOf(row: DeviceRow, { nowMs, hubs }: DeviceMoment): Device {
  return {
    id: row.id,
    name: row.name,
    siteId: row.site_id,
    site: row.site,
    labels: fromJson(row.labels),
    revision: row.revision,
    status: row.status,
    liveness: livenessOf(row, nowMs),
    link: deviceLinkOf(row, hubs),
    ...(row.last_seen_at_ms === null ? {} : { lastSeenAtMs: row.last_seen_at_ms }),
    ...(row.agent_version === null ? {} : { agentVersion: row.agent_version }),
    generation: row.generation,
    observedGeneration: row.observed_generation ?? 0,
    ...certificateOf(row),
    endpoints: row.endpoints === null ? {} : fromJson(row.endpoints),
    createdAtMs: row.created_at_ms,
    ...(row.agent_version === DDI_SOFTWARE && { ddi: true as const }),
  }
}

/** The facts of the machine. Undefined if no agent has reported them: a device that speaks DDI does not know them. */
export function machineOf({ inventory }: Pick<DeviceRow, 'inventory'>): Inventory | undefined {
  return inventory === null ? undefined : knownMachine(fromJson(inventory))
}

const knownMachine = (inventory: Inventory | undefined) => (inventory?.ddi ? undefined : inventory)

function certificateOf({ certificate_serial, certificate_fingerprint, certificate_not_after_ms }: DeviceTable) {
  if (certificate_serial === null || certificate_fingerprint === null || certificate_not_after_ms === null) return {}
  const serial = certificate_serial
  const fingerprint = certificate_fingerprint
  const notAfterMs = certificate_not_after_ms
  return { certificate: { serial, fingerprint, notAfterMs } }
}

/** The device in full detail. */
export async function deviceDetailOf(db: Db, row: DeviceRow, moment: DeviceMoment): Promise<DeviceDetail> {
  const machine = machineOf(row)
  return {
    ...deviceOf(row, moment),
    ...(await duplicateOf(db, row.id, moment.nowMs)),
    ...(machine && { inventory: machine }),
    items: await itemsWithBuilds(db, row),
    ...(await rememberedOn(db, row.id)),
    conditions: row.conditions === null ? [] : fromJson(row.conditions),
    ...(await residencyOf(db, row)),
  }
}

/** Read for one device alone: it may be large. */
async function residencyOf(db: Db, { id }: DeviceRow): Promise<Pick<DeviceDetail, 'residency'>> {
  const row = await db
    .selectFrom('device_reports')
    .select('residency')
    .where('device_id', '=', id)
    .where('residency', 'is not', null)
    .executeTakeFirst()
  return row?.residency ? { residency: fromJson(row.residency) } : {}
}

/** The items with the builds that they are about. */
async function itemsWithBuilds(db: Db, row: DeviceRow): Promise<DeviceItem[]> {
  const items = await itemsOf(db, row.id)
  const digests = items.flatMap(({ target, serving }) => [target.digest, ...(serving ? [serving.digest] : [])])
  const hardwareClass = classOfInventory(row.inventory)
  const builds = await namedBuilds(db, { organisationId: row.organisation_id, digests, hardwareClass })
  return items.map((item) => {
    const targetBuild = builds.get(item.target.digest)
    const servingBuild = item.serving && builds.get(item.serving.digest)
    return { ...item, ...(targetBuild && { targetBuild }), ...(servingBuild && { servingBuild }) }
  })
}

/** The facts that a selector may use. */
export function factsOf(row: DeviceRow, nowMs: number): SelectorFacts {
  const inventory = row.inventory === null ? undefined : fromJson(row.inventory)
  const machine = knownMachine(inventory)
  return {
    device: {
      id: row.id,
      name: row.name,
      labels: fromJson(row.labels),
      arch: machine?.arch,
      os: machine?.os,
      cpus: machine?.cpuCount,
      memoryMb: machine && Math.floor(machine.memoryBytes / 2 ** 20),
      capabilities: inventory?.capabilities ?? [],
      status: row.status,
      online: isOnline(row, nowMs),
      facts: row.facts === null ? {} : fromJson(row.facts),
      ...inventory?.line,
      statedClearance: inventory?.stated?.clearance,
      statedCountry: inventory?.stated?.country,
    },
    site: {
      name: row.site,
      kind: row.site_kind,
      country: row.site_country ?? undefined,
      region: row.site_region ?? undefined,
      labels: fromJson(row.site_labels),
      clearance: row.site_clearance,
    },
  }
}
