/** Roll up: merges old sums of windows into longer ones, so that a chart of a year reads some thousand rows. */
import { mergeFeatures } from '@skerry/core/monitors/bins'
import { sql } from 'kysely'
import type { Hub } from '../../hub.ts'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { Tx } from '../../store/store.ts'
import type { MonitorSumTable } from '../../store/tables/monitor-tables.ts'

/** Some 20 ms of the single writer, for which all others wait. */
const ROWS_AT_ONCE = 200

type Step = { stepMs: number; beforeMs: number }

/** Sums that ended before that time, and are shorter than the step, become sums of a step. Counts add up without loss. */
export async function rollUpSums(
  { store, signal }: Pick<Hub, 'store' | 'signal'>,
  { stepMs, beforeMs }: Step,
): Promise<void> {
  // Each step is complete, so that it is written once.
  const wholeMs = beforeMs - (beforeMs % stepMs)
  for (;;) {
    signal.throwIfAborted()
    const rolled = await store.transaction((tx) => rollUpPiece(tx, { stepMs, beforeMs: wholeMs }))
    if (rolled < ROWS_AT_ONCE) return
  }
}

async function rollUpPiece(tx: Tx, { stepMs, beforeMs }: Step): Promise<number> {
  const rows = await tx
    .selectFrom('monitor_sums')
    .selectAll()
    .where('end_ms', '<=', beforeMs)
    .where(sql<number>`end_ms - start_ms`, '<', stepMs)
    .orderBy('organisation_id')
    .orderBy('model')
    .orderBy('version')
    .orderBy('profile')
    .orderBy('start_ms')
    .limit(ROWS_AT_ONCE)
    .execute()
  const startOf = ({ start_ms }: MonitorSumTable) => start_ms - (start_ms % stepMs)
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify([row.organisation_id, row.model, row.version, row.profile, startOf(row)]),
  )
  for (const group of groups.values()) {
    const [first] = group
    if (first) await rollUpGroup(tx, group, { startMs: startOf(first), stepMs })
  }
  return rows.length
}

async function rollUpGroup(
  tx: Tx,
  group: readonly MonitorSumTable[],
  { startMs, stepMs }: { startMs: number; stepMs: number },
): Promise<void> {
  // The first window of a step has the key that the step will have.
  for (const row of group) await deleteSum(tx, row)
  const [first, ...rest] = group
  if (!first) return
  const known = await deleteSum(tx, { ...first, start_ms: startMs })
  const merged = [...known, ...rest].reduce(mergeSums, first)
  await tx
    .insertInto('monitor_sums')
    .values({ ...merged, start_ms: startMs, end_ms: startMs + stepMs })
    .execute()
}

const deleteSum = (tx: Tx, { organisation_id, model, start_ms, version, profile }: MonitorSumTable) =>
  tx
    .deleteFrom('monitor_sums')
    .where((eb) => eb.and({ organisation_id, model, start_ms, version, profile }))
    .returningAll()
    .execute()

const mergeSums = (a: MonitorSumTable, b: MonitorSumTable): MonitorSumTable => ({
  ...a,
  windows: a.windows + b.windows,
  rows: Number(a.rows) + Number(b.rows),
  counted: Number(a.counted) + Number(b.counted),
  lost: Number(a.lost) + Number(b.lost),
  features: toJson(mergeFeatures(fromJson(a.features), fromJson(b.features))),
})
