/** Take windows: stores the windows among the values of a device, in the transaction that stores the other values. */
import { MonitorWindow, subjectOfSignal, WINDOW_SIGNAL } from '@skerry/contract/monitors/profile'
import { sourceIn } from '@skerry/contract/monitors/subject'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { cohortsOf } from '@skerry/core/monitors/cohorts'
import { addScores } from '../captures/score-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import { piecesOf } from '../store/many-rows.ts'
import type { Tx } from '../store/store.ts'
import type { MonitorDroppedTable, MonitorWindowTable, VersionProfileTable } from '../store/tables/monitor-tables.ts'
import { profileIn, profilesOf, specIn } from './monitor-store.ts'
import { addToSums } from './window-sums.ts'

/** Whether the value is a window. */
export const isWindow = ({ signal }: Pick<SinkValue, 'signal'>): boolean => signal.startsWith(WINDOW_SIGNAL)

export type SentWindow = Pick<MonitorWindowTable, 'device_id' | 'organisation_id' | 'stream' | 'lane' | 'sequence'> & {
  signal: string
  text: string
}

/**
 * Stores and adds up those that this hub can count. The others are counted as dropped; a device gets no error for them, or
 * its queue would never go on.
 */
export async function keepWindows(tx: Tx, sent: readonly SentWindow[], nowMs: number): Promise<void> {
  const senders = new Map<string, Sender | undefined>()
  const rows: MonitorWindowTable[] = []
  for (const one of sent) {
    const { signal, text: _, ...place } = one
    const model = subjectOfSignal(signal)
    const sender = senders.has(model) ? senders.get(model) : await findSender(tx, place, model)
    senders.set(model, sender)
    const row = await countWindow(tx, one, { model, sender, nowMs })
    if (row) rows.push(row)
  }
  for (const piece of piecesOf(rows)) await tx.insertInto('monitor_windows').values(piece).execute()
}

type Counting = { model: string; sender: Sender | undefined; nowMs: number }

/** Adds the window to the sums of its model. Undefined if it is dropped. */
async function countWindow(
  tx: Tx,
  { signal: _, text, ...place }: SentWindow,
  { model, sender, nowMs }: Counting,
): Promise<MonitorWindowTable | undefined> {
  const window = windowIn(text)
  const dropped = { organisationId: place.organisation_id, model, nowMs, sender }
  if (window?.model !== model) {
    await noteDropped(tx, { ...dropped, reason: 'unreadable', rows: 0 })
    return undefined
  }
  if (!sender?.runs) {
    await noteDropped(tx, { ...dropped, reason: 'stranger', rows: window.rows })
    return undefined
  }
  const row = { ...place, ...rowOf(window) }
  if (await isOfProfile(tx, row)) {
    await addToSums(tx, row, { lost: window.lost ?? 0, cohorts: sender.cohorts })
    if (window.scores) await addScores(tx, row, window.scores)
  } else await noteDropped(tx, { ...dropped, reason: 'bins', rows: window.rows })
  return row
}

/** The device as the sender of windows of a model or source. */
type Sender = { cohorts: readonly string[]; runs: boolean; isMonitored: boolean }

async function findSender(
  tx: Tx,
  { device_id }: Pick<SentWindow, 'device_id'>,
  model: string,
): Promise<Sender | undefined> {
  const found = await tx
    .selectFrom('devices as device')
    .innerJoin('sites as site', 'site.id', 'device.site_id')
    .leftJoin('monitors as monitor', (join) =>
      join.onRef('monitor.organisation_id', '=', 'device.organisation_id').on('monitor.model', '=', model),
    )
    .leftJoin('device_items as item', (join) =>
      join.onRef('item.device_id', '=', 'device.id').on('item.name', '=', model),
    )
    .leftJoin('connection_states as connection', (join) =>
      join
        .onRef('connection.device_id', '=', 'device.id')
        .on('connection.kind', '=', 'source')
        .on('connection.name', '=', sourceIn(model) ?? ''),
    )
    .select(['device.labels', 'site.name as site', 'monitor.spec', 'item.name as item', 'connection.name as source'])
    .where('device.id', '=', device_id)
    .executeTakeFirst()
  if (!found) return undefined
  const { labels, site, spec, item, source } = found
  const cohorts = spec === null ? [] : cohortsOf(specIn(spec).cohorts, { site, labels: fromJson(labels) })
  return { cohorts, runs: item !== null || source !== null, isMonitored: spec !== null }
}

type Dropped = {
  organisationId: OrganisationId
  model: string
  nowMs: number
  sender: Sender | undefined
  reason: MonitorDroppedTable['reason']
  rows: number
}

const DAY_MS = 86_400_000

/** Only for a monitored model: otherwise any name that a device makes up would be a row. */
async function noteDropped(tx: Tx, { organisationId, model, nowMs, sender, reason, rows }: Dropped): Promise<void> {
  if (!sender?.isMonitored) return
  const key = { organisation_id: organisationId, model, day: Math.floor(nowMs / DAY_MS), reason }
  await tx
    .insertInto('monitor_dropped')
    .values({ ...key, windows: 1, rows })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'model', 'day', 'reason']).doUpdateSet(({ eb }) => ({
        windows: eb('monitor_dropped.windows', '+', 1),
        rows: eb('monitor_dropped.rows', '+', rows),
      })),
    )
    .execute()
}

/** The numbers of bins of known profiles. A digest stands for one content, so that nothing here grows old. */
const binsKnown = new Map<string, readonly number[]>()
const BINS_KNOWN_MAX = 1_000

/** A window of other bins would spoil the sum of all devices. */
async function isOfProfile(tx: Tx, row: MonitorWindowTable): Promise<boolean> {
  const found = await findDigest(tx, row)
  if (found?.digest !== row.profile) return false
  const bins = binsKnown.get(found.digest) ?? (await readBins(tx, row))
  const counted = fromJson(row.features)
  return counted.length === bins.length && bins.every((count, at) => counted[at]?.counts.length === count)
}

function findDigest(tx: Tx, row: MonitorWindowTable): Promise<Pick<VersionProfileTable, 'digest'> | undefined> {
  const { organisation_id, model, version } = row
  const source = sourceIn(model)
  if (source !== undefined)
    return tx
      .selectFrom('source_profiles')
      .select('digest')
      .where((eb) => eb.and({ organisation_id, source, version }))
      .executeTakeFirst()
  return tx
    .selectFrom('versions')
    .innerJoin('version_profiles', 'version_profiles.version_id', 'versions.id')
    .select('version_profiles.digest')
    .where('versions.organisation_id', '=', organisation_id)
    .where('versions.name', '=', model)
    .where('versions.version', '=', version)
    .executeTakeFirst()
}

async function readBins(tx: Tx, { organisation_id, model, version, profile }: MonitorWindowTable) {
  const all = await profilesOf(tx, organisation_id, model)
  const found = all.find((one) => one.version === version)
  const bins = found ? profileIn(found).features.map(({ edges }) => edges.length + 1) : []
  const [oldest] = binsKnown.keys()
  if (oldest !== undefined && binsKnown.size >= BINS_KNOWN_MAX) binsKnown.delete(oldest)
  binsKnown.set(profile, bins)
  return bins
}

function windowIn(text: string): MonitorWindow | undefined {
  try {
    return MonitorWindow.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const rowOf = ({ model, version, profile, startMs, endMs, rows, counted, features, scores }: MonitorWindow) => ({
  model,
  version,
  profile,
  start_ms: startMs,
  end_ms: endMs,
  rows,
  counted,
  features: toJson(features),
  scores: scores ? toJson(scores) : null,
})
