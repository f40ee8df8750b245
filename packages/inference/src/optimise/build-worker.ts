/** The thread of a build: prepares the model, calibrates it if the recipe needs that, and writes the build. */
import { readFile, writeFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { Observation } from '@skerry/onnx/passes/qdq/observation'
import { observedModel } from '@skerry/onnx/passes/qdq/observed-model'
import { finishModel, needsCalibration, prepareModel } from '@skerry/onnx/passes/recipes'
import { telemetryProblem } from '../runtime/runtime-telemetry.ts'
import type { BuildOrder, BuildResult } from './build-model.ts'

async function build({ modelPath, outPath, recipe, cases, keep }: BuildOrder): Promise<BuildResult> {
  const problem = telemetryProblem(process.env)
  if (problem !== undefined) return refuse(problem)
  const prepared = prepareModel(recipe, await readFile(modelPath))
  if (!prepared.ok) return refuse(prepared.message)
  const { bytes, reports } = prepared.value
  const observed = needsCalibration(recipe) ? await observations(bytes, cases) : nothing
  if (!observed.ok) return refuse(observed.message)
  const finished = finishModel(recipe, bytes, { observations: observed.value, keep: new Set(keep) })
  if (!finished.ok) return refuse(finished.message)
  await writeFile(outPath, finished.value.bytes)
  const sizeBytes = finished.value.bytes.length
  const peakBytes = process.resourceUsage().maxRSS * 1_024
  return { ok: true, sizeBytes, reports: [...reports, ...finished.value.reports], peakBytes }
}

type Observed = { ok: true; value: ReadonlyMap<string, Observation> } | { ok: false; message: string }

const nothing: Observed = { ok: true, value: new Map() }

async function observations(bytes: Uint8Array, cases: BuildOrder['cases']): Promise<Observed> {
  if (cases.length === 0) return { ok: false, message: 'the recipe needs calibration inputs, and there are none' }
  const model = observedModel(bytes)
  if (!model.ok) return model
  // Most builds need no runtime, which takes a quarter of a second to load.
  const { calibrate } = await import('./calibrate.ts')
  try {
    const value = await calibrate({ ...model.value, cases })
    const unfit = [...value].find(([, { notFinite }]) => notFinite > 0)
    return unfit ? { ok: false, message: notFiniteText(unfit) } : { ok: true, value }
  } catch (cause) {
    return { ok: false, message: `a calibration input does not fit: ${cause instanceof Error ? cause.message : cause}` }
  }
}

const notFiniteText = ([name, { notFinite }]: [string, Observation]) =>
  `${notFinite} values of ${JSON.stringify(name)} are NaN or infinite on the calibration inputs; give other inputs`

const refuse = (message: string): BuildResult => ({ ok: false, code: 'build_refused', message })

void build(workerData as BuildOrder).then(
  (result) => parentPort?.postMessage(result),
  (cause: unknown) => {
    throw cause
  },
)
