/**
 * Slow models: the versions that answer more slowly on devices than the p95 goal of their last optimisation. It reads
 * the devices only of versions that have such a goal.
 */
import type { OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { SlowFact } from '@skerry/core/alerts/alert-facts'
import { proposedRecipes } from '@skerry/core/builds/proposal'
import { classOfDevice } from '../devices/device-classes.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { OptimisationTable } from '../store/tables/build-tables.ts'
import { type GroupWish, MEMBERS } from './device-groups.ts'

/** The newest optimisations with such a goal that are looked at: more versions are hardly in use at once. */
const GOALS_MAX = 50

/** A version whose last optimisation has not ended has no fact: work is under way. */
export async function slowModels(db: Db, wish: GroupWish): Promise<SlowFact[]> {
  const facts: SlowFact[] = []
  for (const goal of await newestGoals(db, wish.organisationId)) {
    const fact = goal.ended_at_ms === null ? undefined : await slowFact(db, wish, goal)
    if (fact) facts.push(fact)
  }
  return facts
}

type Goal = Pick<OptimisationTable, 'id' | 'version_id' | 'goal' | 'ended_at_ms'> & { name: string; version: number }

async function newestGoals(db: Db, organisationId: OrganisationId): Promise<Goal[]> {
  const rows = await db
    .selectFrom('optimisations')
    .innerJoin('versions', 'versions.id', 'optimisations.version_id')
    .select(['optimisations.id', 'optimisations.version_id', 'optimisations.goal', 'optimisations.ended_at_ms'])
    .select(['versions.name', 'versions.version'])
    .where('optimisations.organisation_id', '=', organisationId)
    .where('optimisations.goal', 'like', '%"p95MaxMs"%' as Goal['goal'])
    .orderBy('optimisations.created_at_ms', 'desc')
    .orderBy('optimisations.id', 'desc')
    .limit(GOALS_MAX)
    .execute()
  return rows.filter((row, place) => rows.findIndex(({ version_id }) => version_id === row.version_id) === place)
}

async function slowFact(db: Db, wish: GroupWish, row: Goal): Promise<SlowFact | undefined> {
  const goal = fromJson(row.goal)
  const { name: model, version } = row
  const { p95MaxMs } = goal
  if (p95MaxMs === undefined) return undefined
  const slow = slowDevices(db, wish, { model, version, maxUs: 1_000 * p95MaxMs })
  const slowest = await slow
    .select(['devices.id', 'devices.name', 'item.p95_us'])
    .orderBy('item.p95_us', 'desc')
    .orderBy('devices.name')
    .limit(1)
    .executeTakeFirst()
  if (!slowest) return undefined
  const { count } = await slow.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const recipes = proposedRecipes(await builtRecipes(db, row.version_id), await classOfDevice(db, slowest.id))
  const proposal = { model, version, goal, recipes }
  return { proposal, optimisation: row.id, device: slowest.name, count, p95Us: Number(slowest.p95_us) }
}

type Limit = { model: string; version: number; maxUs: number }

/** A silent device is left out, because its figures are of another time. */
const slowDevices = (db: Db, { organisationId, nowMs }: GroupWish, { model, version, maxUs }: Limit) =>
  db
    .selectFrom('device_items as item')
    .innerJoin('devices', 'devices.id', 'item.device_id')
    .innerJoin('device_reports as report', 'report.device_id', 'item.device_id')
    .where('item.organisation_id', '=', organisationId)
    .where('item.name', '=', model)
    .where('item.serving_version', '=', version)
    .where('item.p95_us', '>', maxUs)
    .where('devices.status', 'in', MEMBERS)
    .where('report.stale_at_ms', '>=', nowMs)

async function builtRecipes(db: Db, versionId: VersionId): Promise<Set<string>> {
  const rows = await db.selectFrom('builds').select('recipe').distinct().where('version_id', '=', versionId).execute()
  return new Set(rows.map(({ recipe }) => recipe))
}
