/** Device standing: the models of many devices, and the health that follows from them, by one query. */
import type { NamedBuild } from '@skerry/contract/builds/named-build'
import { type DeviceHealth, type DeviceModel, LISTED_MODELS_MAX } from '@skerry/contract/devices/device'
import type { ItemState } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { FAILURES_MAX } from '@skerry/core/device/remembered-failure'
import { healthOf, marksOf } from '@skerry/core/devices/device-health'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { DeviceItemTable } from '../store/tables/foundation-tables.ts'
import { type HealthRow, healthFactsOf } from './device-health.ts'
import { rememberedCause } from './remembered-store.ts'

/** `cause` is the code of a failure: of now, or of a version that the device has left and still remembers. */
type StandingModel = {
  name: string
  version: number
  state: ItemState
  serving?: number
  servingDigest?: Digest
  cause?: string
}

export type DeviceStanding = { health: DeviceHealth; models: readonly StandingModel[] }

/** Ids in one query. A page has 500 rows, and one more to see whether another page follows. */
const IDS_MAX = 1_000

type Wish = {
  organisationId: OrganisationId
  nowMs: number
  /** Whether to look for failures in as many revisions as a device remembers. It costs a look-up for each of them. */
  isForFailures?: boolean
}

/** A way back that a person orders is a revision of its own: the failure stands in the one before. */
const NEWEST_REVISIONS = 2

/** The standing of each device. Its models are sorted by name. */
export async function standingByDevice(
  db: Db,
  { organisationId, nowMs, isForFailures = false }: Wish,
  rows: readonly HealthRow[],
): Promise<Map<DeviceId, DeviceStanding>> {
  const standing = new Map<DeviceId, DeviceStanding>()
  for (let start = 0; start < rows.length; start += IDS_MAX) {
    const part = rows.slice(start, start + IDS_MAX)
    const ids = part.map(({ id }) => id)
    const revisions = isForFailures ? FAILURES_MAX : NEWEST_REVISIONS
    const models = await modelsByDevice(db, { organisationId, ids, revisions })
    for (const row of part) standing.set(row.id, standingOf(row, models.get(row.id) ?? [], nowMs))
  }
  return standing
}

function standingOf(row: HealthRow, models: readonly StandingModel[], nowMs: number): DeviceStanding {
  const marks = marksOf(models.map(({ state, serving }) => ({ state, isServing: serving !== undefined })))
  return { health: healthOf(healthFactsOf(row, marks, nowMs)), models }
}

async function modelsByDevice(
  db: Db,
  { organisationId, ids, revisions }: { organisationId: OrganisationId; ids: readonly DeviceId[]; revisions: number },
): Promise<Map<DeviceId, StandingModel[]>> {
  const rows = await db
    .selectFrom('device_items')
    .leftJoin('deployments', 'deployments.id', 'device_items.deployment_id')
    .select(rememberedCause(revisions).as('past_cause'))
    .select(['device_items.device_id', 'device_items.name', 'device_items.target_version', 'device_items.state'])
    .select(['device_items.serving_version', 'device_items.serving_digest', 'device_items.cause'])
    .where('device_items.organisation_id', '=', organisationId)
    .where('device_items.device_id', 'in', ids)
    .execute()
  const models = new Map<DeviceId, StandingModel[]>()
  for (const row of rows) {
    const before = models.get(row.device_id)
    if (before) before.push(modelOf(row))
    else models.set(row.device_id, [modelOf(row)])
  }
  for (const some of models.values()) some.sort((a, b) => (a.name < b.name ? -1 : 1))
  return models
}

type ModelRow = Pick<
  DeviceItemTable,
  'name' | 'target_version' | 'state' | 'serving_version' | 'serving_digest' | 'cause'
> & {
  past_cause: DeviceItemTable['cause']
}

function modelOf({ name, target_version, state, serving_version, ...row }: ModelRow): StandingModel {
  const cause = row.cause ?? row.past_cause
  return {
    name,
    version: target_version,
    state,
    ...(serving_version !== null && { serving: serving_version }),
    ...(row.serving_digest !== null && { servingDigest: row.serving_digest }),
    ...(cause !== null && { cause: fromJson(cause).code }),
  }
}

/** The models as a list shows them: failed ones first, and only the first few. */
export function listedModels(
  models: readonly StandingModel[],
  builds: ReadonlyMap<Digest, Pick<NamedBuild, 'recipe'>>,
): { models: DeviceModel[]; modelCount: number } {
  const failedFirst = models.toSorted((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'))
  const listed = failedFirst.slice(0, LISTED_MODELS_MAX).map((model) => listedModel(model, builds))
  return { models: listed, modelCount: models.length }
}

function listedModel(
  { cause: _, servingDigest, ...model }: StandingModel,
  builds: ReadonlyMap<Digest, Pick<NamedBuild, 'recipe'>>,
): DeviceModel {
  const build = servingDigest && builds.get(servingDigest)
  return { ...model, ...(build && { build: build.recipe }) }
}
