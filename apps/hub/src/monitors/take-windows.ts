/** Take windows: stores the windows among the values of a device, in the transaction that stores the other values. */
import { MonitorWindow, type ScoreCounts, WINDOW_SIGNAL } from '@skerry/contract/monitors/profile'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { mergeFeatures } from '@skerry/core/monitors/bins'
import { addScores } from '../captures/score-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import { piecesOf } from '../store/many-rows.ts'
import type { Tx } from '../store/store.ts'
import type { MonitorWindowTable } from '../store/tables/monitor-tables.ts'

/** Whether the value is a window. */
export const isWindow = ({ signal }: Pick<SinkValue, 'signal'>): boolean => signal.startsWith(WINDOW_SIGNAL)

export type SentWindow = Pick<MonitorWindowTable, 'device_id' | 'organisation_id' | 'stream' | 'lane' | 'sequence'> & {
  text: string
}

/** Stores those that this hub can read; a device with another schema gets no error, or its queue would never go on. */
export async function keepWindows(tx: Tx, sent: readonly SentWindow[]): Promise<void> {
  const read = sent.flatMap(({ text, ...place }): ReadWindow[] => {
    const window = windowIn(text)
    return window ? [{ row: { ...place, ...rowOf(window) }, scores: window.scores }] : []
  })
  const rows = read.map(({ row }) => row)
  for (const piece of piecesOf(rows)) await tx.insertInto('monitor_windows').values(piece).execute()
  for (const { row, scores } of read) {
    if (!(await isOfProfile(tx, row))) continue
    await addToSum(tx, row)
    if (scores) await addScores(tx, row, scores)
  }
}

type ReadWindow = { row: MonitorWindowTable; scores: ScoreCounts | undefined }

/** A window of other bins would spoil the sum of all devices. */
async function isOfProfile(tx: Tx, row: MonitorWindowTable): Promise<boolean> {
  const found = await tx
    .selectFrom('versions')
    .innerJoin('version_profiles', 'version_profiles.version_id', 'versions.id')
    .select(['version_profiles.digest', 'version_profiles.profile'])
    .where('versions.organisation_id', '=', row.organisation_id)
    .where('versions.name', '=', row.model)
    .where('versions.version', '=', row.version)
    .executeTakeFirst()
  if (found?.digest !== row.profile) return false
  const counted = fromJson(row.features)
  const { features } = fromJson(found.profile)
  return (
    counted.length === features.length &&
    features.every(({ edges }, at) => counted[at]?.counts.length === edges.length + 1)
  )
}

/** Transactions follow one another, so that no other window is added meanwhile. */
async function addToSum(tx: Tx, row: MonitorWindowTable): Promise<void> {
  const { organisation_id, model, version, profile, start_ms, end_ms } = row
  const key = { organisation_id, model, start_ms, version, profile }
  const known = await tx
    .selectFrom('monitor_sums')
    .selectAll()
    .where((eb) => eb.and(key))
    .executeTakeFirst()
  const sum = {
    end_ms,
    windows: (known?.windows ?? 0) + 1,
    rows: Number(known?.rows ?? 0) + row.rows,
    counted: Number(known?.counted ?? 0) + row.counted,
    features: known ? toJson(mergeFeatures(fromJson(known.features), fromJson(row.features))) : row.features,
  }
  await tx
    .insertInto('monitor_sums')
    .values({ ...key, ...sum })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'model', 'start_ms', 'version', 'profile']).doUpdateSet(sum),
    )
    .execute()
}

function windowIn(text: string): MonitorWindow | undefined {
  try {
    return MonitorWindow.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const rowOf = ({ model, version, profile, startMs, endMs, rows, counted, features }: MonitorWindow) => ({
  model,
  version,
  profile,
  start_ms: startMs,
  end_ms: endMs,
  rows,
  counted,
  features: toJson(features),
})
