/** Score store: how sure versions were of their answers, added up over devices, window by window. */
import type { ScoreCounts } from '@skerry/contract/monitors/profile'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { mergeScores } from '@skerry/core/monitors/calibration'
import { sql } from 'kysely'
import type { Hub } from '../hub.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { ScoreSumTable } from '../store/tables/capture-tables.ts'

type Window = Pick<ScoreSumTable, 'organisation_id' | 'model' | 'version' | 'profile' | 'start_ms' | 'end_ms'>

/** Transactions follow one another, so that no other window is added meanwhile. */
export async function addScores(tx: Tx, window: Window, scores: ScoreCounts): Promise<void> {
  const { organisation_id, model, version, profile, start_ms, end_ms } = window
  const key = { organisation_id, model, start_ms, version, profile }
  const known = await tx
    .selectFrom('score_sums')
    .select('scores')
    .where((eb) => eb.and(key))
    .executeTakeFirst()
  const sum = { end_ms, scores: toJson(known ? mergeScores(fromJson(known.scores), scores) : scores) }
  await tx
    .insertInto('score_sums')
    .values({ ...key, ...sum })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'model', 'start_ms', 'version', 'profile']).doUpdateSet(sum),
    )
    .execute()
}

type SumQuery = { organisationId: OrganisationId; model: string; fromMs: number; toMs: number }

/** A month of windows of five minutes of one version. */
const SUMS_READ_MAX = 10_000

/** The sums of all versions of a model whose windows began in the time, the newest first. */
export const scoreSumsOf = (db: Db, { organisationId, model, fromMs, toMs }: SumQuery): Promise<ScoreSumTable[]> =>
  db
    .selectFrom('score_sums')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .where('start_ms', '>=', fromMs)
    .where('start_ms', '<', toMs)
    .orderBy('start_ms', 'desc')
    .limit(SUMS_READ_MAX)
    .execute()

/** As for the other counts of monitors. */
const AGE_MAX_MS = 30 * 86_400_000

/** Some 20 ms of the single writer, for which all others wait. */
const ROWS_AT_ONCE = 1_000

/** Removes old sums. Returns their number. */
export async function sweepScores({ store, clock, signal }: Pick<Hub, 'store' | 'clock' | 'signal'>): Promise<number> {
  const beforeMs = clock.nowMs() - AGE_MAX_MS
  for (let removed = 0; ; ) {
    signal.throwIfAborted()
    const { rows } = await store.transaction((tx) =>
      sql<{ model: string }>`
        delete from score_sums where (organisation_id, model, start_ms, version, profile) in (
          select organisation_id, model, start_ms, version, profile from score_sums
          where end_ms < ${beforeMs} limit ${ROWS_AT_ONCE}
        ) returning model`.execute(tx),
    )
    removed += rows.length
    if (rows.length < ROWS_AT_ONCE) return removed
  }
}
