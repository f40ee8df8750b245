/**
 * Optimisation engine: makes builds, one recipe after the other. All progress is in rows: after a crash it goes on with
 * the first recipe that has no result. One build at a time takes the memory and the processor that a hub can spare.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recipe, RecipeResult } from '@skerry/contract/builds/build'
import { JoinedRanges } from '@skerry/contract/builds/device-ranges'
import { GOLDEN_PATH, Golden } from '@skerry/contract/devices/golden'
import type { ModelFile } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import { splitRows } from '@skerry/core/builds/calibration'
import { rangesBy } from '@skerry/core/builds/device-ranges'
import { calibrationCases, nextRecipe, withResult } from '@skerry/core/builds/optimisation'
import { rangeMethodOf } from '@skerry/onnx/passes/recipes'
import { ENGINE_IDLE_MS, startEngine } from '../engine-loop.ts'
import { isProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { stageFiles } from '../models/staging.ts'
import { filesOf } from '../models/version-store.ts'
import { fromJson } from '../store/json-column.ts'
import { isDiskFull } from '../store/store-errors.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { parseCalibration } from './calibration-set.ts'
import { nextOptimisation, type OptimisationRow, saveProgress } from './optimisation-store.ts'
import { type Calibrating, tryRecipe } from './try-recipe.ts'

/** Interval at which a running recipe looks whether somebody has ended its optimisation. */
const LOOK_MS = 1_000

/** Starts the engine; it stops when it is disposed. A recipe that is under way then is begun again later. */
export function startOptimisationEngine(hub: Hub): AsyncDisposable {
  const next = async (signal: AbortSignal) => ((await pass(hub, signal)) ? 0 : ENGINE_IDLE_MS)
  return startEngine(hub, { name: 'optimisation', event: 'optimisation.changed', pass: next })
}

/** Does one recipe of the oldest optimisation; false if there is none. */
async function pass(hub: Hub, signal: AbortSignal): Promise<boolean> {
  const optimisation = await nextOptimisation(hub.store.db)
  if (!optimisation) return false
  const results = fromJson(optimisation.results)
  const recipe = nextRecipe(results)
  if (recipe === undefined) {
    await save(hub, optimisation, results)
    return true
  }
  if (optimisation.status === 'queued') await save(hub, optimisation, results)
  const ended = new AbortController()
  const until = AbortSignal.any([signal, ended.signal])
  const watching = watchEnd(hub, optimisation, ended, until)
  try {
    const result = await resultOf(hub, { optimisation, recipe }, until)
    await save(hub, optimisation, withResult(results, result))
  } catch (cause) {
    if (!ended.signal.aborted) throw cause
  } finally {
    ended.abort()
    await watching
  }
  return true
}

type Turn = { optimisation: OptimisationRow; recipe: RecipeResult['recipe'] }

/** A failure of the recipe is a result: it must not stop the recipes after it. */
async function resultOf(hub: Hub, { optimisation, recipe }: Turn, signal: AbortSignal): Promise<RecipeResult> {
  try {
    const version = await hub.store.db
      .selectFrom('versions')
      .selectAll()
      .where('id', '=', optimisation.version_id)
      .executeTakeFirstOrThrow()
    return await inStaging(hub, { version, optimisation, recipe }, signal)
  } catch (error) {
    signal.throwIfAborted()
    hub.log.warn('recipe_failed', { optimisation: optimisation.id, recipe, error })
    return { recipe, outcome: 'failed', message: failureText(error).slice(0, 1_000) }
  }
}

function failureText(error: unknown): string {
  if (isProblem(error)) return error.message
  if (isDiskFull(error)) return "the hub's disk is full; make room and start the optimisation again"
  return 'the hub could not make the build; its log has the reason'
}

async function inStaging(hub: Hub, turn: Turn & { version: VersionTable }, signal: AbortSignal): Promise<RecipeResult> {
  const { version, optimisation, recipe } = turn
  const files = await filesOf(hub.store.db, version.id)
  using _pins = hub.blobGuard.pin(files.map(({ digest }) => digest))
  const { calibration_digest: dataSet } = optimisation
  const extra = dataSet === null ? [] : [{ path: CALIBRATION_PATH, digest: dataSet, sizeBytes: 0 }]
  const folder = hub.stagingPath(hub.ids.build())
  await using staged = await stageFiles(hub, { folder, files: [...files, ...extra] }, signal)
  const golden = Golden.parse(JSON.parse(await readFile(join(staged.folder, GOLDEN_PATH), 'utf8')))
  const goal = fromJson(optimisation.goal)
  const calibrating =
    dataSet === null
      ? fromGolden(version, files, golden, recipe)
      : fromBlob(optimisation, recipe, dataSet, await readFile(join(staged.folder, CALIBRATION_PATH), 'utf8'))
  const createdBy = optimisation.created_by
  return await tryRecipe(hub, { version, recipe, goal, staged, golden, calibrating, createdBy }, signal)
}

/** Beside the files of the version, none of which can have a name with a space. */
const CALIBRATION_PATH = 'calibration set.json'

function fromBlob(row: OptimisationRow, recipe: Recipe, digest: Digest, text: string): Calibrating {
  if (row.calibration_origin === 'devices') return fromDevices(recipe, digest, text)
  const rows = parseCalibration(text).cases
  const { ranges, labelled } = splitRows(rows)
  const cases = rows.filter((_, index) => ranges.includes(index)).map(({ inputs }) => ({ inputs }))
  const compared = rows.filter((_, index) => labelled.includes(index))
  return {
    cases,
    calibration: { digest, rows: cases.length, origin: 'data-set' },
    ...(compared.length > 0 && { labelled: { digest, rows: compared } }),
  }
}

function fromDevices(recipe: Recipe, digest: Digest, text: string): Calibrating {
  const joined = JoinedRanges.parse(JSON.parse(text))
  const method = rangeMethodOf(recipe)
  const calibration = { digest, rows: joined.rows, origin: 'devices' as const }
  return { cases: [], calibration, ...(method && { ranges: rangesBy(method, joined) }) }
}

function fromGolden(version: VersionTable, files: readonly ModelFile[], golden: Golden, recipe: Recipe): Calibrating {
  const chosen = new Set(calibrationCases(recipe, golden.cases.length))
  const cases = golden.cases.filter((_, index) => chosen.has(index)).map(({ inputs }) => ({ inputs }))
  const digest = files.find(({ path }) => path === GOLDEN_PATH)?.digest ?? version.digest
  return { cases, calibration: { digest, rows: Math.max(1, cases.length), origin: 'golden' } }
}

async function save(hub: Hub, { id, status }: OptimisationRow, results: readonly RecipeResult[]): Promise<void> {
  const isDone = nextRecipe(results) === undefined
  const progress = isDone
    ? { status: 'done' as const, results, endedAtMs: hub.clock.nowMs() }
    : { status: 'running' as const, results }
  await hub.store.transaction((tx) => saveProgress(tx, id, progress))
  hub.bus.publish('optimisation.changed', id)
  if (status === 'queued' || isDone) hub.log.info('optimisation_changed', { optimisation: id, status: progress.status })
}

/** Aborts when the optimisation has ended by another hand: it was cancelled, or its version was removed. */
async function watchEnd(hub: Hub, { id }: OptimisationRow, ended: AbortController, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await hub.clock.sleep(LOOK_MS, signal).catch(() => undefined)
    if (signal.aborted) return
    const next = await nextOptimisation(hub.store.db).catch(() => undefined)
    if (next?.id !== id) ended.abort(new DOMException('the optimisation has ended', 'AbortError'))
  }
}
