/** Window sums: windows of all devices, and of those of each cohort, added up as they come. */
import { mergeFeatures } from '@skerry/core/monitors/bins'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { MonitorWindowTable } from '../store/tables/monitor-tables.ts'

type Adding = { lost: number; cohorts: readonly string[] }

/** Transactions follow one another, so that no other window is added meanwhile. */
export async function addToSums(tx: Tx, row: MonitorWindowTable, { lost, cohorts }: Adding): Promise<void> {
  const { organisation_id, model, version, profile, start_ms } = row
  const key = { organisation_id, model, start_ms, version, profile }
  const known = await tx
    .selectFrom('monitor_sums')
    .selectAll()
    .where((eb) => eb.and(key))
    .executeTakeFirst()
  const sum = { ...sumOf(known, row), lost: Number(known?.lost ?? 0) + lost }
  await tx
    .insertInto('monitor_sums')
    .values({ ...key, ...sum })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'model', 'start_ms', 'version', 'profile']).doUpdateSet(sum),
    )
    .execute()
  for (const cohort of cohorts) await addToCohort(tx, row, cohort)
}

async function addToCohort(tx: Tx, row: MonitorWindowTable, cohort: string): Promise<void> {
  const { organisation_id, model, version, profile, start_ms } = row
  const key = { organisation_id, model, start_ms, version, profile, cohort }
  const known = await tx
    .selectFrom('monitor_cohort_sums')
    .selectAll()
    .where((eb) => eb.and(key))
    .executeTakeFirst()
  const sum = sumOf(known, row)
  await tx
    .insertInto('monitor_cohort_sums')
    .values({ ...key, ...sum })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'model', 'start_ms', 'version', 'profile', 'cohort']).doUpdateSet(sum),
    )
    .execute()
}

type Figures = Pick<MonitorWindowTable, 'end_ms' | 'rows' | 'counted' | 'features'>

const sumOf = (known: (Figures & { windows: number }) | undefined, row: Figures) => ({
  end_ms: row.end_ms,
  windows: (known?.windows ?? 0) + 1,
  rows: Number(known?.rows ?? 0) + row.rows,
  counted: Number(known?.counted ?? 0) + row.counted,
  features: known ? toJson(mergeFeatures(fromJson(known.features), fromJson(row.features))) : row.features,
})
