/** Optimisation store: optimisations as records, with the result of each recipe. */
import type { Optimisation, OptimisationStatus, RecipeResult } from '@skerry/contract/builds/build'
import type { OptimisationId, OrganisationId } from '@skerry/contract/values/ids'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { OptimisationTable } from '../store/tables/build-tables.ts'

const optimisations = (db: Db) =>
  db
    .selectFrom('optimisations')
    .innerJoin('versions', 'versions.id', 'optimisations.version_id')
    .selectAll('optimisations')
    .select(['versions.name', 'versions.version'])

export type OptimisationRow = OptimisationTable & { name: string; version: number }

export type OptimisationPage = {
  organisationId: OrganisationId
  limit: number
  after: OptimisationId | undefined
  name: string | undefined
}

/** One page of optimisations, newest first. */
export function listOptimisations(
  db: Db,
  { organisationId, limit, after, name }: OptimisationPage,
): Promise<OptimisationRow[]> {
  return optimisations(db)
    .where('optimisations.organisation_id', '=', organisationId)
    .$if(name !== undefined, (select) => select.where('versions.name', '=', name ?? ''))
    .$if(after !== undefined, (select) =>
      select.where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('optimisations.created_at_ms', 'optimisations.id'),
          '<',
          selectFrom('optimisations as last')
            .select(['last.created_at_ms', 'last.id'])
            .where('last.organisation_id', '=', organisationId)
            .where('last.id', '=', after as OptimisationId)
            .$asTuple('created_at_ms', 'id'),
        ),
      ),
    )
    .orderBy('optimisations.created_at_ms', 'desc')
    .orderBy('optimisations.id', 'desc')
    .limit(limit)
    .execute()
}

/** Undefined if the organisation has no such optimisation. */
export function findOptimisation(
  db: Db,
  organisationId: OrganisationId,
  id: OptimisationId,
): Promise<OptimisationRow | undefined> {
  return optimisations(db)
    .where('optimisations.organisation_id', '=', organisationId)
    .where('optimisations.id', '=', id)
    .executeTakeFirst()
}

const LIVE: readonly OptimisationStatus[] = ['queued', 'running']

/** The optimisation whose turn it is, of all organisations: the oldest that has not ended. */
export function nextOptimisation(db: Db): Promise<OptimisationRow | undefined> {
  return optimisations(db)
    .where('optimisations.status', 'in', [...LIVE])
    .orderBy('optimisations.created_at_ms')
    .limit(1)
    .executeTakeFirst()
}

/** The number of optimisations of the organisation that have not ended. */
export async function countLive(db: Db, organisationId: OrganisationId): Promise<number> {
  const { count } = await db
    .selectFrom('optimisations')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('status', 'in', [...LIVE])
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  return count
}

type Progress = { status: OptimisationStatus; results: readonly RecipeResult[]; endedAtMs?: number }

/** Stores the progress of an optimisation that has not ended; false if somebody has ended it. */
export async function saveProgress(tx: Tx, id: OptimisationId, progress: Progress): Promise<boolean> {
  const { status, results, endedAtMs } = progress
  const saved = await tx
    .updateTable('optimisations')
    .set({ status, results: toJson([...results]), ended_at_ms: endedAtMs ?? null })
    .where('id', '=', id)
    .where('status', 'in', [...LIVE])
    .returning('id')
    .executeTakeFirst()
  return saved !== undefined
}

/** The optimisation as the API shows it. */
export const optimisationOf = (row: OptimisationRow): Optimisation => ({
  id: row.id,
  name: row.name,
  version: row.version,
  status: row.status,
  goal: fromJson(row.goal),
  ...calibrationOf(row),
  results: fromJson(row.results),
  createdAtMs: row.created_at_ms,
  createdBy: row.created_by,
  ...(row.ended_at_ms === null ? {} : { endedAtMs: row.ended_at_ms }),
})

function calibrationOf(row: OptimisationTable) {
  const { calibration_digest: digest, calibration_rows: rows, calibration_origin: origin } = row
  return digest === null || rows === null
    ? {}
    : { calibration: { digest, rows, origin: origin ?? ('data-set' as const) } }
}
