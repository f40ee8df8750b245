/** Runs a model and the results of passes over it, for tests. */
import { InferenceSession } from '@skerry/inference/runtime/onnx-runtime'
import type { Tensor } from 'onnxruntime-node'
import { applyPasses, type Pass, type PassReport } from '../../src/passes/pass.ts'
import type { RawTensor } from '../../src/tensor.ts'
import { toRuntime, valuesOfRuntime } from '../runtime-tensor.ts'

export type Feeds = Readonly<Record<string, RawTensor>>

const float32 = (shape: number[], values: Float32Array): RawTensor => ({
  datatype: 'FP32',
  shape,
  data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
})

/** A wave that is the same in each run, between -0.8 and 0.8. */
export const wave = (shape: number[]): RawTensor =>
  float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => Math.sin(index * 0.37) * 0.8),
  )

/** The outputs by name, as numbers. */
export async function outputsOf(bytes: Uint8Array, feeds: Feeds): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 })
  try {
    const given = Object.entries(feeds).map(([name, raw]) => [name, toRuntime(raw)] as const)
    const results = await session.run(Object.fromEntries(given))
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, valuesOfRuntime(tensor as Tensor).map(Number)]),
    )
  } finally {
    await session.release()
  }
}

/** The largest difference of any output. */
export function largestDifference(a: Record<string, number[]>, b: Record<string, number[]>): number {
  const differences = Object.entries(a).flatMap(([name, values]) =>
    values.map((value, index) => Math.abs(value - (b[name]?.[index] ?? Number.NaN))),
  )
  return differences.reduce((max, each) => (each > max || Number.isNaN(each) ? each : max), 0)
}

/** The result of passes, which must be accepted. */
export function rewritten(bytes: Uint8Array, passes: readonly Pass[]): { bytes: Uint8Array; reports: PassReport[] } {
  const result = applyPasses(bytes, passes)
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`)
  return result.value
}
