/**
 * The thread of a build: prepares the model, calibrates it if the recipe needs that, and writes the build or ranks its
 * nodes.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { Recipe } from '@skerry/contract/builds/build'
import { assertNever } from '@skerry/core/values/assert-never'
import type { Observation } from '@skerry/onnx/passes/qdq/observation'
import { observedModel } from '@skerry/onnx/passes/qdq/observed-model'
import {
  finishModel,
  needsCalibration,
  prepareForRanges,
  prepareModel,
  rangesByMethod,
  rangesOf,
} from '@skerry/onnx/passes/recipes'
import { singleNodes } from '@skerry/onnx/passes/single-node'
import { hasNoRoom } from '@skerry/platform/files/file-system'
import { telemetryProblem } from '../runtime/runtime-telemetry.ts'
import type {
  BuildOrder,
  BuildResult,
  BuildTask,
  ObserveOrder,
  ObserveResult,
  Ranges,
  RankOrder,
  RankResult,
} from './build-model.ts'
import type { Calibration } from './calibrate.ts'
import { readWholeModel, readWholeSource } from './whole-model.ts'

async function work({ kind, order }: BuildTask): Promise<BuildResult | RankResult | ObserveResult> {
  const problem = telemetryProblem(process.env)
  if (problem !== undefined) return refuse(problem)
  switch (kind) {
    case 'build':
      return await build(order)
    case 'rank':
      return await rank(order)
    case 'observe':
      return await observeRows(order)
    default:
      return assertNever(kind)
  }
}

async function build({ modelPath, outPath, recipe, cases, keep, ranges: known }: BuildOrder): Promise<BuildResult> {
  const first = await prepare(recipe, modelPath)
  if (!first.ok) return refuse(first.message)
  const isCalibrated = known === undefined && needsCalibration(recipe)
  const ranges: Ranged = isCalibrated
    ? await rangesFrom(recipe, first.value.bytes, { cases, outPath })
    : { ok: true, ranges: known ?? new Map() }
  if (!ranges.ok) return ranges
  const prepared = isCalibrated ? await prepare(recipe, modelPath) : first
  if (!prepared.ok) return refuse(prepared.message)
  const { bytes, reports } = prepared.value
  const finished = finishModel(recipe, bytes, { ranges: ranges.ranges, keep: new Set(keep) })
  if (!finished.ok) return refuse(finished.message)
  const full = await writeOut(outPath, finished.value.bytes)
  if (full) return full
  return {
    ok: true,
    sizeBytes: finished.value.bytes.length,
    reports: [...reports, ...finished.value.reports],
    ranges: ranges.ranges,
    peakBytes: await peakBytes(),
  }
}

/**
 * Gives the memory back at once. The bytes are gone afterwards, and views of them with them. A small file may share its
 * memory with others, and stays.
 */
function forget({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

/** The model in the form that the recipe expects. The file itself is not in memory afterwards. */
async function prepare(recipe: Recipe, modelPath: string) {
  const whole = await readWholeModel(modelPath)
  if (!whole.ok) return whole
  const prepared = prepareModel(recipe, whole.value)
  forget(whole.value)
  return prepared
}

async function rank({ modelPath, recipe, cases, ranges }: RankOrder): Promise<RankResult> {
  const prepared = await prepare(recipe, modelPath)
  if (!prepared.ok) return refuse(prepared.message)
  const { bytes } = prepared.value
  const [nodes, model] = [singleNodes(recipe, bytes, ranges), observedModel(bytes)]
  if (!nodes.ok) return refuse(nodes.message)
  if (!model.ok) return refuse(model.message)
  const { rankNodes } = await import('./rank.ts')
  const ranked = await rankNodes({ bytes: model.value.bytes, nodes: nodes.value, cases })
  return { ok: true, nodes: ranked, peakBytes: await peakBytes() }
}

/** Nothing is written: the model and the rows may be sealed on the disk. */
async function observeRows({ source, cases }: ObserveOrder): Promise<ObserveResult> {
  const whole = await readWholeSource(source)
  if (!whole.ok) return refuse(whole.message)
  const prepared = prepareForRanges(whole.value)
  if (!prepared.ok) return refuse(prepared.message)
  const model = observedModel(prepared.value.bytes)
  if (!model.ok) return refuse(model.message)
  const { names, bytes } = model.value
  if (names.length === 0) return refuse('the model has no convolution and no matrix product that a range could serve')
  forget(prepared.value.bytes)
  const observed = await observeCases({ model: bytes, names, cases })
  if (!observed.ok) return observed
  const ranges = new Map([...observed.observations].map(([name, one]) => [name, rangesByMethod(one)]))
  return { ok: true, ranges, peakBytes: await peakBytes() }
}

/** A full disk is no fault of the model; other errors of the disk are none that a person can expect. */
async function writeOut(path: string, bytes: Uint8Array) {
  try {
    await writeFile(path, bytes)
    return undefined
  } catch (cause) {
    if (!hasNoRoom(cause)) throw cause
    const message = `the disk is full: the build needs ${bytes.length} bytes; make room and start the optimisation again`
    return { ok: false as const, code: 'build_disk_full' as const, message }
  }
}

/**
 * [proc_pid_status(5), VmHWM] The largest memory of this process. `maxRSS` of getrusage(2) begins with that of the process
 * that started it.
 */
async function peakBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024
}

type Ranged = { ok: true; ranges: Ranges } | Extract<BuildResult, { ok: false }>

type Ranging = Pick<BuildOrder, 'cases' | 'outPath'>

/**
 * Takes the prepared model, whose bytes are gone afterwards. The file of the build holds the observed model until then. So
 * neither is in memory beside the session, which holds all weights itself.
 */
async function rangesFrom(recipe: Recipe, bytes: Uint8Array, { cases, outPath }: Ranging): Promise<Ranged> {
  if (cases.length === 0) return refuse('the recipe needs calibration inputs, and there are none')
  const model = observedModel(bytes)
  if (!model.ok) return refuse(model.message)
  const full = await writeOut(outPath, model.value.bytes)
  if (full) return full
  forget(model.value.bytes)
  forget(bytes)
  const observed = await observeCases({ model: outPath, names: model.value.names, cases })
  return observed.ok ? { ok: true, ranges: rangesOf(recipe, observed.observations) } : observed
}

async function observeCases(calibration: Calibration) {
  // Most builds need no runtime, which takes a quarter of a second to load.
  const { calibrate } = await import('./calibrate.ts')
  try {
    const observations = await calibrate(calibration)
    const unfit = [...observations].find(([, { notFinite }]) => notFinite > 0)
    return unfit ? refuse(notFiniteText(unfit)) : { ok: true as const, observations }
  } catch (cause) {
    return refuse(`the model cannot run on the calibration inputs, so they may not fit: ${textOf(cause)}`)
  }
}

const textOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

const notFiniteText = ([name, { notFinite }]: [string, Observation]) =>
  `${notFinite} values of ${JSON.stringify(name)} are NaN or infinite on the calibration inputs; give other inputs`

const refuse = (message: string) => ({ ok: false as const, code: 'build_refused' as const, message })

void work(workerData as BuildTask).then(
  (result) => parentPort?.postMessage(result),
  (cause: unknown) => {
    throw cause
  },
)
