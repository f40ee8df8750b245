/** Handlers of the procedures on builds and optimisations. */
import { BEST_BUILD, type BuildPreference, type OptimisationRequest } from '@skerry/contract/builds/build'
import type { ClassChoice } from '@skerry/contract/builds/measurement'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { VersionReference } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import { OptimisationId } from '@skerry/contract/values/ids'
import { isSaturatingClass, planOptimisation } from '@skerry/core/builds/optimisation'
import { digestOf } from '@skerry/platform/files/hash'
import { findBlob, holdBlob, refuseRemoved, touchBlobs } from '../blobs/blob-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { bomOf } from '../models/kinds/kinds.ts'
import { knownVersion } from '../models/known-version.ts'
import { filesOf } from '../models/version-store.ts'
import { versionDetailOf } from '../models/version-view.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import { devicesIn } from '../scopes/scope-rows.ts'
import { toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { benchCommandOf } from './bench-command.ts'
import { buildsOf, deleteBuild, findBuild } from './build-store.ts'
import { type BatchRanges, calibrateCommandOf, rangesOfBatch } from './calibrate-command.ts'
import { type ReadCalibration, readCalibration } from './calibration-set.ts'
import { choicesOf, fleetClasses, p95Goal } from './choice-store.ts'
import { LABELS_MAX_MS } from './compare-labels.ts'
import { measurementsOf } from './measurement-store.ts'
import {
  countLive,
  findOptimisation,
  listOptimisations,
  type OptimisationRow,
  optimisationOf,
} from './optimisation-store.ts'
import { outdatedDeployments } from './outdated.ts'
import { deploymentsOf } from './resolve-build.ts'
import { RECIPE_MAX_MS } from './try-recipe.ts'

/**
 * Optimisations of an organisation that have not ended. A hub makes one build at a time, and each recipe may take some
 * minutes: more would wait for days, and hold up all other organisations.
 */
const LIVE_MAX = 20

const QUOTA_TEXT = `${LIVE_MAX} optimisations of the organisation wait or run already; start it when one has ended`

type Wanted = OptimisationRequest & { name: string; version: VersionReference }
type Looking = Pick<KeyCall, 'hub' | 'organisationId'>

async function planned(call: Looking, wanted: Wanted, signal: AbortSignal) {
  const { hub, organisationId } = call
  const { db } = hub.store
  const version = await knownVersion(db, { organisationId, name: wanted.name }, wanted.version)
  await requireModel(call, version)
  const files = await filesOf(db, version.id)
  const own = files.filter(({ path }) => path !== GOLDEN_PATH)
  const { recipes, goal } = wanted
  const { calibration, labelledRows, bytes } = await calibrationOf(call, version, wanted, signal)
  const goldenCases = version.golden_cases
  const classes = recipes ? [] : [...(await fleetClasses(db, organisationId)).keys()]
  const isSaturating = classes.some(isSaturatingClass)
  const recipeMs = RECIPE_MAX_MS + (labelledRows ? LABELS_MAX_MS : 0)
  const limits = { secondsPerRecipe: recipeMs / 1_000, memoryBytes: call.hub.trialBytes }
  const ranges = { calibration, labelledRows }
  const result = planOptimisation({ recipes, isSaturating, goal, goldenCases, ...ranges, files: own, limits })
  if (!result.ok) throw problem('optimisation_refused', result.message)
  return { version, plan: result.plan, ranges: bytes }
}

type Given = Partial<BatchRanges & ReadCalibration>

/** The data set or the batch that a person names; neither if the ranges come from golden cases. */
async function calibrationOf(
  call: Looking,
  version: VersionTable,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Given> {
  const { calibration, calibrationBatch } = wanted
  if (calibration && calibrationBatch) throw problem('calibration_invalid', BOTH_TEXT)
  if (calibration) return readCalibration(call.hub, version, calibration, signal)
  return calibrationBatch ? rangesOfBatch(call.hub.store.db, version, calibrationBatch) : {}
}

const BOTH_TEXT = 'ranges come from a data set or from devices, and not from both; give one of them'

/** The batch may be removed before the optimisation ends. So its ranges become a blob that the optimisation holds. */
async function storeRanges({ hub, organisationId }: Looking, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const file = { digest: digestOf(bytes), sizeBytes: bytes.byteLength }
  await hub.blobGuard.exclusive(file.digest, async () => {
    await refuseRemoved(hub.store.db, file.digest)
    await hub.blobs.put(file.digest, bytes, signal)
    await hub.store.transaction(async (tx) => {
      await requireStorageRoom(tx, organisationId, file.sizeBytes)
      await holdBlob(tx, { organisationId, ...file, nowMs: hub.clock.nowMs() })
    })
  })
}

/** The collection may have removed the blob since it was read; from now on the optimisation holds it. */
async function holdCalibration(tx: Tx, { hub, organisationId }: Looking, digest: Digest) {
  if (!(await findBlob(tx, organisationId, digest))) throw problem('blob_unknown')
  await refuseRemoved(tx, digest)
  await touchBlobs(tx, { organisationId, digests: [digest], nowMs: hub.clock.nowMs() })
}

/** Only a kind with a bill of materials of operators has a model to rewrite. */
async function requireModel({ hub }: Looking, row: VersionTable) {
  if (!bomOf(await versionDetailOf(hub.store.db, row), row, hub.config.version)) throw problem('version_not_model')
}

async function knownOptimisation({ hub, organisationId }: Looking, id: OptimisationId): Promise<OptimisationRow> {
  const row = await findOptimisation(hub.store.db, organisationId, id)
  if (!row) throw problem('optimisation_unknown')
  return row
}

export const buildHandlers = {
  list: os.build.list.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const { db } = hub.store
    const version = await knownVersion(db, { organisationId, name: input.name }, input.version)
    return { rows: await buildsOf(db, organisationId, version.id) }
  }),
  get: os.build.get.handler(async ({ context: { hub, organisationId }, input }) => {
    const build = await findBuild(hub.store.db, organisationId, input.build)
    if (!build) throw problem('build_unknown')
    return build
  }),
  choices: os.build.choices.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const { db } = hub.store
    const version = await knownVersion(db, { organisationId, name: input.name }, input.version)
    const classes = await fleetClasses(db, organisationId)
    const { prefer } = input
    const choices = await choicesOf(db, version, { classes: classes.keys(), prefer })
    const rows = choices.map((choice) => withExample(choice, classes.get(choice.hardwareClass)))
    const outdated = await outdatedDeployments(db, version)
    const preferred = prefer === undefined || prefer === BEST_BUILD ? {} : await preferredView(db, version, prefer)
    return { rows, ...preferred, ...(outdated.length > 0 && { outdated }) }
  }),
  remove: os.build.remove.handler(({ context: { organisationId, change }, input }) =>
    change(async (tx, note) => {
      const build = await findBuild(tx, organisationId, input.build)
      if (!build) throw problem('build_unknown')
      const users = await deploymentsOf(tx, { id: build.id, organisationId })
      if (users.length > 0) throw problem('build_in_use', inUseText(users))
      note.detail = { model: `${build.name}:${build.version}`, recipe: build.recipe, digest: build.digest }
      await deleteBuild(tx, organisationId, build.id)
      return {}
    }),
  ),
}

async function preferredView(db: Db, version: VersionTable, prefer: BuildPreference) {
  const p95MaxMs = await p95Goal(db, version)
  return { prefer, ...(p95MaxMs !== undefined && { p95MaxMs }) }
}

const withExample = (choice: ClassChoice, example: string | undefined): ClassChoice =>
  example === undefined ? choice : { ...choice, example }

/** More names would hide the advice after them. */
const NAMED_MAX = 5

function inUseText(names: readonly string[]): string {
  const others = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : ''
  const [all, verb] = [`${names.slice(0, NAMED_MAX).join(', ')}${others}`, names.length === 1 ? 's' : '']
  return `a deployment uses the build, or may roll back to it: ${all} need${verb} it; deploy another one, or remove the deployment`
}

export const measurementHandlers = {
  benchCommand: os.build.benchCommand.handler(async ({ context, input: { name, version, ...wanted } }) => {
    const { hub, organisationId } = context
    const row = await knownVersion(hub.store.db, { organisationId, name }, version)
    await requireModel(context, row)
    return benchCommandOf(hub.store.db, { version: row, organisationId }, wanted)
  }),
  calibrateCommand: os.build.calibrateCommand.handler(async ({ context, input: { name, version, ...wanted } }) => {
    const { hub, organisationId } = context
    const row = await knownVersion(hub.store.db, { organisationId, name }, version)
    await requireModel(context, row)
    return calibrateCommandOf(hub.store.db, row, wanted)
  }),
  measurements: os.build.measurements.handler(async ({ context, input }) => {
    const { hub, organisationId, scope } = context
    const { id } = await knownVersion(hub.store.db, { organisationId, name: input.name }, input.version)
    const rows = await measurementsOf(hub.store.db, id)
    if (!scope) return { rows }
    const seen = await devicesIn(hub.store.db, { organisationId, scope }, new Set(rows.map(({ deviceId }) => deviceId)))
    return { rows: rows.filter(({ deviceId }) => seen.has(deviceId)) }
  }),
}

export const optimisationHandlers = {
  plan: os.optimisation.plan.handler(
    async ({ context, input, signal }) => (await planned(context, input, signal ?? context.hub.signal)).plan,
  ),
  start: os.optimisation.start.handler(async ({ context, input, signal }) => {
    const { hub, organisationId, caller } = context
    const { version, plan, ranges } = await planned(context, input, signal ?? context.hub.signal)
    if (ranges) await storeRanges(context, ranges, signal ?? hub.signal)
    const row = {
      id: hub.ids.optimisation(),
      organisation_id: organisationId,
      version_id: version.id,
      status: 'queued' as const,
      goal: toJson(input.goal),
      results: toJson(plan.recipes.map((recipe) => ({ recipe, outcome: 'waiting' as const }))),
      calibration_digest: plan.calibration?.digest ?? null,
      calibration_rows: plan.calibration?.rows ?? null,
      calibration_origin: plan.calibration?.origin ?? null,
      created_at_ms: hub.clock.nowMs(),
      created_by: caller.name,
      ended_at_ms: null,
    }
    await context.change(async (tx, note) => {
      if ((await countLive(tx, organisationId)) >= LIVE_MAX) throw problem('optimisation_quota_reached', QUOTA_TEXT)
      note.object.id = row.id
      const { calibration } = plan
      const model = `${version.name}:${version.version}`
      note.detail = { model, recipes: plan.recipes, goal: input.goal, ...(calibration && { calibration }) }
      if (plan.calibration) await holdCalibration(tx, context, plan.calibration.digest)
      await tx.insertInto('optimisations').values(row).execute()
    })
    hub.bus.publish('optimisation.changed', row.id)
    return optimisationOf({ ...row, name: version.name, version: version.version })
  }),
  list: os.optimisation.list.handler(async ({ context: { hub, organisationId }, input: { limit, after, name } }) => {
    const place = { limit: limit + 1, after: OptimisationId.safeParse(after).data }
    const rows = await listOptimisations(hub.store.db, { organisationId, name, ...place })
    return pageFrom(rows.map(optimisationOf), limit, ({ id }) => id)
  }),
  get: os.optimisation.get.handler(async ({ context, input }) =>
    optimisationOf(await knownOptimisation(context, input.optimisation)),
  ),
  cancel: os.optimisation.cancel.handler(async ({ context, input }) => {
    const { hub, organisationId, change } = context
    await change(async (tx, note) => {
      const row = await findOptimisation(tx, organisationId, input.optimisation)
      if (!row) throw problem('optimisation_unknown')
      if (row.ended_at_ms !== null) throw problem('optimisation_ended')
      note.detail = { model: `${row.name}:${row.version}` }
      const ended = { status: 'cancelled' as const, ended_at_ms: hub.clock.nowMs() }
      await tx.updateTable('optimisations').set(ended).where('id', '=', row.id).execute()
    })
    hub.bus.publish('optimisation.changed', input.optimisation)
    return optimisationOf(await knownOptimisation(context, input.optimisation))
  }),
}
