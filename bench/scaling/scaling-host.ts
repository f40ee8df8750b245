/** Scaling host: a model host with scaling policies, as the runner has one, and requests to it. */

import { Serving } from '@skerry/contract/models/serving'
import { Scaling } from '@skerry/contract/scaling/scaling'
import { createModelHost, type ModelHost } from '@skerry/inference/host/model-host'
import type { RawTensor } from '@skerry/inference/host/raw-tensor'
import { createResidency, type Residency } from '@skerry/inference/scale/residency'

/** A signal that never fires. */
export const NEVER = new AbortController().signal

/** A host whose loaded models may take this memory. */
export function openHost(limitBytes?: number): { host: ModelHost; residency: Residency } {
  const residency = createResidency(limitBytes)
  return { host: createModelHost({ clock: { nowMs: () => Date.now() }, residency }), residency }
}

export type BenchModel = { name: string; modelPath: string; scaling: object; workerBytes?: number }

/** Loads a model and lets it serve. */
export async function serveModel(
  host: ModelHost,
  { name, modelPath, scaling, workerBytes }: BenchModel,
): Promise<void> {
  const settings = Serving.parse({ warmUpRuns: 0, queueMax: 4_096, scaling: Scaling.parse(scaling) })
  const loaded = await host.load({ slot: name, modelPath, settings, workerBytes, signal: NEVER })
  if (!loaded.ok) throw new Error(loaded.message)
  host.activate({ name, version: '1', slot: name })
}

/** The milliseconds until the answer. Throws if there is none. */
export async function timeOf(host: ModelHost, name: string, inputs: RawTensor[]): Promise<number> {
  const startMs = performance.now()
  const result = await host.infer(name, undefined, { inputs }, NEVER)
  if (!result.ok) throw new Error(`${name}: ${result.message}`)
  return performance.now() - startMs
}

/** The value that the share of the samples does not exceed. */
export function quantileOf(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** Milliseconds with a digit of microseconds at most. */
export const rounded = (ms: number) => Math.round(ms * 100) / 100

export const floats = (name: string, shape: number[], values: Float32Array<ArrayBuffer>): RawTensor => ({
  name,
  datatype: 'FP32',
  shape,
  data: new Uint8Array(values.buffer),
})
