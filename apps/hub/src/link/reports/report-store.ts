/**
 * Report store: writes the reports of devices, and judges whether each follows a document of this hub. It stores many
 * reports with as many statements as one report needs, because the statements are most of the cost.
 */
import { isDeepStrictEqual } from 'node:util'
import type { DeviceStatus } from '@skerry/contract/devices/device'
import type { DeviceChange } from '@skerry/contract/devices/device-event'
import type { DeviceReport, UnreadItem } from '@skerry/contract/devices/device-report'
import type { ItemReport } from '@skerry/contract/devices/item'
import type { DeviceId } from '@skerry/contract/values/ids'
import { servedP95Us } from '@skerry/core/builds/served-p95'
import { type GenerationVerdict, judgeGeneration } from '@skerry/core/device/generation'
import { isRefused } from '@skerry/core/devices/quarantine'
import { classOfInventory } from '../../builds/class-form-store.ts'
import { itemOf, setStatus } from '../../devices/device-store.ts'
import { appendEventsOfMany, type NewEvents } from '../../devices/event-store.ts'
import { STALE_INTERVALS } from '../../devices/liveness.ts'
import { appendSteps, newSteps } from '../../scaling/step-store.ts'
import { toJson } from '../../store/json-column.ts'
import { padded, piecesOf } from '../../store/many-rows.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { DeviceItemTable, DeviceReportTable, DeviceTable } from '../../store/tables/foundation-tables.ts'
import type { ScaleStepTable } from '../../store/tables/place-tables.ts'
import { forgetOlderDocuments, type IssuedDocument, issuedDocuments } from '../issued-store.ts'
import { conditionsOf } from './report-conditions.ts'
import { HISTORY_COLUMNS, historyOf, type ReportBefore } from './report-history.ts'
import { lastRead } from './unread-items.ts'

export type HeardReport = {
  deviceId: DeviceId
  report: DeviceReport
  /** Its items that this hub cannot read; absent if it can read all. */
  unread?: readonly UnreadItem[]
  receivedAtMs: number
  intervalMs: number
}

export type StoredReport =
  | { kind: 'gone' }
  | {
      kind: 'stored'
      status: DeviceStatus
      /** The newest generation that this hub issued to the device. */
      generation: number
      /** The items differ from the last report in more than their figures. */
      hasNewItems: boolean
      /** The report differs from the last one, in its items or elsewhere. */
      hasHistory: boolean
      /** The device now follows a document that this hub does not know. */
      isNewConflict: boolean
      /** Its class of hardware has changed. */
      isReclassed: boolean
      /** An older run of the agent reports again: two agents run at once. */
      isDuplicate: boolean
    }

/** Stores one report. A device that was removed or revoked meanwhile leaves nothing. */
export async function storeReport(tx: Tx, heard: HeardReport): Promise<StoredReport> {
  const [stored] = await storeReports(tx, [heard])
  return stored ?? { kind: 'gone' }
}

/** Stores reports, at most one of each device; returns their results in the same order. */
export async function storeReports(tx: Tx, heard: readonly HeardReport[]): Promise<StoredReport[]> {
  const known = await readDevices(tx, heard)
  const judged = heard.flatMap((one) => {
    const before = known.get(one.deviceId)
    return before && !isRefused(before.device.status) ? [judge(one, before)] : []
  })
  await writeReports(tx, judged)
  await writeItems(tx, judged)
  await appendSteps(
    tx,
    judged.flatMap(({ items }) => items.steps),
  )
  const moved = judged.filter(({ isForgetting }) => isForgetting).map(({ device }) => device.id)
  if (moved.length > 0) await forgetOlderDocuments(tx, moved)
  await appendEventsOfMany(tx, judged.map(eventsOf))
  const stored = new Map(judged.map((one) => [one.device.id, storedOf(one)]))
  return heard.map(({ deviceId }): StoredReport => stored.get(deviceId) ?? { kind: 'gone' })
}

type Row = DeviceTable &
  ReportBefore &
  Pick<DeviceReportTable, 'observed_digest' | 'previous_boot_id'> & { inventory: DeviceReportTable['inventory'] | null }

/** The stored facts about a device that its next report needs. */
type Before = { device: Row; items: ItemReport[]; issued: IssuedDocument[] }

async function readDevices(tx: Tx, heard: readonly HeardReport[]): Promise<Map<DeviceId, Before>> {
  const ids = padded(heard.map(({ deviceId }) => deviceId))
  if (ids.length === 0) return new Map()
  const devices = await tx
    .selectFrom('devices')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .selectAll('devices')
    .select(HISTORY_COLUMNS)
    .select(['device_reports.observed_digest', 'device_reports.previous_boot_id', 'device_reports.inventory'])
    .where('devices.id', 'in', ids)
    .execute()
  const known = new Map(devices.map((device): [DeviceId, Before] => [device.id, { device, items: [], issued: [] }]))
  for (const row of await itemRowsOf(tx, ids)) known.get(row.device_id)?.items.push(itemOf(row))
  const unsure = heard
    .filter((one) => !isSameIntent(one, known.get(one.deviceId)?.device))
    .map(({ deviceId }) => deviceId)
  for (const document of await issuedDocuments(tx, unsure)) known.get(document.deviceId)?.issued.push(document)
  return known
}

const itemRowsOf = (db: Db, ids: readonly DeviceId[]) =>
  db.selectFrom('device_items').selectAll().where('device_id', 'in', ids).orderBy('name').execute()

/**
 * Whether the device follows the same document as at its last report, and had no conflict then. Such a document is not
 * judged again: a verdict only improves, because documents are issued and never withdrawn.
 */
const isSameIntent = ({ report }: HeardReport, device: Row | undefined): boolean =>
  device?.status === 'active' &&
  device.observed_generation === report.observedGeneration &&
  device.observed_digest === (report.observedDigest ?? null)

/** The rows to write for one report. */
type Judged = {
  device: Row
  heard: HeardReport
  texts: ReportTexts
  changes: DeviceChange[]
  isNewConflict: boolean
  /** Documents before the reported one can be deleted. */
  isForgetting: boolean
  /** Rows to write, and whether older ones are deleted first. */
  items: { rows: DeviceItemTable[]; isReplacing: boolean; steps: ScaleStepTable[] }
  hasNewItems: boolean
}

type ReportTexts = Pick<DeviceReportTable, 'conditions' | 'endpoints' | 'inventory'>

function judge(heard: HeardReport, before: Before): Judged {
  const { device } = before
  const { report, receivedAtMs } = heard
  const isSame = isSameIntent(heard, device)
  const verdict = isSame ? ({ ok: true } as const) : judgeIntent(before, report)
  const isNewConflict = !verdict.ok && device.status === 'active'
  const texts = {
    conditions: toJson(conditionsOf(heard, verdict)),
    endpoints: toJson(report.endpoints),
    inventory: toJson(report.inventory),
  }
  const { items, hasNewItems } = compareItems(device, before.items, [
    ...report.items,
    ...lastRead({ items: before.items, report }, heard.unread ?? []),
  ])
  const itemsBefore = hasNewItems ? before.items : undefined
  const changes = historyOf(device, { ...texts, report, receivedAtMs, itemsBefore })
  const { generation } = device
  if (isNewConflict) changes.push({ kind: 'conflict-paused', reported: report.observedGeneration, issued: generation })
  return { device, heard, texts, changes, isNewConflict, isForgetting: verdict.ok && !isSame, items, hasNewItems }
}

function judgeIntent({ device, issued }: Before, report: DeviceReport): GenerationVerdict {
  const { resumed_generation, resumed_digest } = device
  const observed = { generation: report.observedGeneration, digest: report.observedDigest }
  const generations = issued.map(({ generation }) => generation)
  return judgeGeneration(observed, {
    digestOfReported: issued.find(({ generation }) => generation === observed.generation)?.digest,
    oldestKept: generations.length === 0 ? undefined : Math.min(...generations),
    resumedAt:
      resumed_generation === null ? undefined : { generation: resumed_generation, digest: resumed_digest ?? undefined },
  })
}

function compareItems(
  device: DeviceTable,
  before: readonly ItemReport[],
  items: readonly ItemReport[],
): Pick<Judged, 'items' | 'hasNewItems'> {
  const after = items.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const old = new Map(before.map((item) => [item.name, item]))
  const changed = after.filter((item) => !isDeepStrictEqual(old.get(item.name), item))
  const isReplacing = before.some(({ name }) => !after.some((item) => item.name === name))
  const rows = (isReplacing ? after : changed).map((item) => rowOf(device, item))
  const steps = changed.flatMap((item) => newSteps(device, item, old.get(item.name)))
  const hasNewItems = !isDeepStrictEqual(before.map(withoutStats), after.map(withoutStats))
  return { items: { rows, isReplacing, steps }, hasNewItems }
}

const eventsOf = ({ device, heard, changes }: Judged): NewEvents => ({ device, atMs: heard.receivedAtMs, changes })

function storedOf({ device, heard, texts, isNewConflict, changes, hasNewItems }: Judged): StoredReport {
  const { bootId } = heard.report
  const isDuplicate = device.boot_id !== bootId && device.previous_boot_id === bootId
  const status = isNewConflict ? 'conflict-paused' : device.status
  const hasHistory = changes.length > 0
  const isReclassed = isOtherClass(device, texts)
  const { generation } = device
  return { kind: 'stored', status, generation, isNewConflict, isDuplicate, isReclassed, hasHistory, hasNewItems }
}

/** The texts differ only if the free space of the disk, or a rare fact, has changed. */
const isOtherClass = ({ inventory: before }: Row, { inventory: after }: ReportTexts): boolean =>
  before !== after && classOfInventory(before) !== classOfInventory(after)

async function writeReports(tx: Tx, judged: readonly Judged[]): Promise<void> {
  for (const { device, isNewConflict } of judged) if (isNewConflict) await setStatus(tx, device.id, 'conflict-paused')
  for (const rows of piecesOf(judged.map(reportRowOf))) {
    await tx
      .insertInto('device_reports')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .column('device_id')
          .doUpdateSet((eb) => Object.fromEntries(UPDATED.map((name) => [name, eb.ref(`excluded.${name}`)]))),
      )
      .execute()
  }
}

/** The columns that a report replaces: all except the ids. */
const UPDATED = [
  'last_seen_at_ms',
  'stale_at_ms',
  'reported_at_ms',
  'agent_version',
  'boot_id',
  'previous_boot_id',
  'observed_generation',
  'observed_digest',
  'last_good_generation',
  'conditions',
  'endpoints',
  'inventory',
  'residency',
] as const

function reportRowOf({ device, heard, texts }: Judged): DeviceReportTable {
  const { report, receivedAtMs, intervalMs } = heard
  return {
    device_id: device.id,
    organisation_id: device.organisation_id,
    last_seen_at_ms: receivedAtMs,
    stale_at_ms: receivedAtMs + STALE_INTERVALS * intervalMs,
    reported_at_ms: report.atMs,
    agent_version: report.agentVersion,
    boot_id: report.bootId,
    previous_boot_id: device.boot_id === report.bootId ? device.previous_boot_id : device.boot_id,
    observed_generation: report.observedGeneration,
    observed_digest: report.observedDigest ?? null,
    last_good_generation: report.lastGoodGeneration,
    ...texts,
    residency: report.residency ? toJson(report.residency) : null,
  }
}

async function writeItems(tx: Tx, judged: readonly Judged[]): Promise<void> {
  const replaced = judged.filter(({ items }) => items.isReplacing).map(({ device }) => device.id)
  if (replaced.length > 0) await tx.deleteFrom('device_items').where('device_id', 'in', padded(replaced)).execute()
  for (const rows of piecesOf(judged.flatMap(({ items }) => items.rows))) {
    await tx
      .insertInto('device_items')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['device_id', 'name'])
          .doUpdateSet((eb) => Object.fromEntries(REPLACED.map((name) => [name, eb.ref(`excluded.${name}`)]))),
      )
      .execute()
  }
}

const REPLACED = [
  'kind',
  'deployment_id',
  'target_revision',
  'target_version',
  'target_digest',
  'retry_token',
  'state',
  'cause',
  'opens_at_ms',
  'since_ms',
  'serving_version',
  'serving_digest',
  'stats',
  'p95_us',
  'figures',
  'scale',
  'held',
  'shadow',
] as const

const withoutStats = ({ stats: _stats, shadow: _shadow, figures: _figures, scale: _scale, ...item }: ItemReport) => item

const rowOf = (device: DeviceTable, item: ItemReport): DeviceItemTable => ({
  device_id: device.id,
  organisation_id: device.organisation_id,
  kind: item.kind,
  name: item.name,
  deployment_id: item.deploymentId,
  target_revision: item.target.revision,
  target_version: item.target.version,
  target_digest: item.target.digest,
  retry_token: item.target.retryToken,
  state: item.state,
  cause: item.cause ? toJson(item.cause) : null,
  opens_at_ms: item.opensAtMs ?? null,
  since_ms: item.sinceMs,
  serving_version: item.serving?.version ?? null,
  serving_digest: item.serving?.digest ?? null,
  stats: item.stats ? toJson(item.stats) : null,
  p95_us: servedP95Us(item.stats) ?? null,
  figures: item.figures ? toJson(item.figures) : null,
  scale: item.scale ? toJson(item.scale) : null,
  held: item.held ? 1 : null,
  shadow: item.shadow ? toJson(item.shadow) : null,
})
