/**
 * Roll up: merges old sums of windows into longer ones, so that a chart of a year reads some thousand rows. Sums of all
 * devices and sums of cohorts have the same columns, except for the cohort and the lost rows.
 */
import { mergeFeatures } from '@skerry/core/monitors/bins'
import { sql } from 'kysely'
import type { Hub } from '../../hub.ts'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { Tx } from '../../store/store.ts'
import type { MonitorSumTable } from '../../store/tables/monitor-tables.ts'

/** Some 20 ms of the single writer, for which all others wait. */
const ROWS_AT_ONCE = 200

export type SumTable = 'monitor_sums' | 'monitor_cohort_sums'

/** `lost`: absent for a cohort. */
type Sum = Omit<MonitorSumTable, 'lost'> & { lost?: number; cohort?: string }

type Step = { table: SumTable; stepMs: number; beforeMs: number }

/** Sums that ended before that time, and are shorter than the step, become sums of a step. Counts add up without loss. */
export async function rollUpSums(
  { store, signal }: Pick<Hub, 'store' | 'signal'>,
  { table, stepMs, beforeMs }: Step,
): Promise<void> {
  // Each step is complete, so that it is written once.
  const wholeMs = beforeMs - (beforeMs % stepMs)
  for (;;) {
    signal.throwIfAborted()
    const rolled = await store.transaction((tx) => rollUpPiece(tx, { table, stepMs, beforeMs: wholeMs }))
    if (rolled < ROWS_AT_ONCE) return
  }
}

/** Rows of one cohort follow each other, so that a step of it is written once for many of them. */
const ORDER: Readonly<Record<SumTable, readonly string[]>> = {
  monitor_sums: ['organisation_id', 'model', 'version', 'profile', 'start_ms'],
  monitor_cohort_sums: ['organisation_id', 'model', 'version', 'profile', 'cohort', 'start_ms'],
}

async function rollUpPiece(tx: Tx, { table, stepMs, beforeMs }: Step): Promise<number> {
  const { rows } = await sql<Sum>`
    select * from ${sql.table(table)} where end_ms <= ${beforeMs} and end_ms - start_ms < ${stepMs}
    order by ${sql.join(ORDER[table].map((name) => sql.ref(name)))} limit ${ROWS_AT_ONCE}`.execute(tx)
  const startOf = ({ start_ms }: Sum) => Number(start_ms) - (Number(start_ms) % stepMs)
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify([row.organisation_id, row.model, row.version, row.profile, row.cohort, startOf(row)]),
  )
  for (const group of groups.values()) {
    const [first] = group
    if (first) await rollUpGroup(tx, group, { table, startMs: startOf(first), stepMs })
  }
  return rows.length
}

type Target = { table: SumTable; startMs: number; stepMs: number }

async function rollUpGroup(tx: Tx, group: readonly Sum[], { table, startMs, stepMs }: Target): Promise<void> {
  // The first window of a step has the key that the step will have.
  for (const row of group) await deleteSum(tx, table, row)
  const [first, ...rest] = group
  if (!first) return
  const known = await deleteSum(tx, table, { ...first, start_ms: startMs })
  const merged = { ...[...known, ...rest].reduce(mergeSums, first), start_ms: startMs, end_ms: startMs + stepMs }
  const columns = Object.keys(merged)
  await sql`
    insert into ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))})
    values (${sql.join(Object.values(merged))})`.execute(tx)
}

async function deleteSum(tx: Tx, table: SumTable, row: Sum): Promise<Sum[]> {
  const { rows } = await sql<Sum>`
    delete from ${sql.table(table)}
    where organisation_id = ${row.organisation_id} and model = ${row.model} and start_ms = ${row.start_ms}
      and version = ${row.version} and profile = ${row.profile}
      ${row.cohort === undefined ? sql`` : sql`and cohort = ${row.cohort}`}
    returning *`.execute(tx)
  return rows
}

const mergeSums = (a: Sum, b: Sum): Sum => ({
  ...a,
  windows: a.windows + b.windows,
  rows: Number(a.rows) + Number(b.rows),
  counted: Number(a.counted) + Number(b.counted),
  ...(a.lost !== undefined && { lost: Number(a.lost) + Number(b.lost ?? 0) }),
  features: toJson(mergeFeatures(fromJson(a.features), fromJson(b.features))),
})
