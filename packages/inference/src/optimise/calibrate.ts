/**
 * Calibration: runs a model on inputs and observes its tensors, one input after the other. It blocks its thread while
 * the model runs.
 */

import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import { nothingObserved, type Observation, observe } from '@skerry/onnx/passes/qdq/observation'
import type { OnnxValue } from 'onnxruntime-node'
import { fromContract } from '../host/raw-tensor.ts'
import { InferenceSession } from '../runtime/onnx-runtime.ts'
import { toOrt } from '../runtime/ort-tensor.ts'

export type Calibration = {
  /** A model, or its file, that gives the tensors to observe as outputs, unless they are its inputs. */
  model: string | Uint8Array
  names: readonly string[]
  cases: readonly GoldenInputCase[]
}

const OPTIONS = {
  // Optimised graphs join operators, and have no tensor between them.
  graphOptimizationLevel: 'disabled',
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  logSeverityLevel: 4,
  // Each weight would be held a second time, in the order of the processor.
  extra: { session: { disable_prepacking: '1' } },
} as const

/** The observations by tensor. Throws the runtime's message about a case that it cannot run. */
export async function calibrate({ model, names, cases }: Calibration): Promise<Map<string, Observation>> {
  const observations = new Map(names.map((name) => [name, nothingObserved()]))
  const session = await (typeof model === 'string'
    ? InferenceSession.create(model, OPTIONS)
    : InferenceSession.create(model, OPTIONS))
  try {
    const outputs = new Set(session.outputNames)
    for (const { inputs } of cases) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, tensor]) => [name, toOrt(fromContract(name, tensor))]),
      )
      const results = await session.run(
        feeds,
        names.filter((name) => outputs.has(name)),
      )
      for (const [name, observation] of observations) {
        const { data } = results[name] ?? feeds[name] ?? {}
        if (data instanceof Float32Array) observe(observation, data)
      }
      Object.values(results).forEach(freeResult)
    }
  } finally {
    await session.release()
  }
  return observations
}

/**
 * Gives the memory of a result back at once. The collector sees only the small objects around it, and would let the results
 * of a dozen inputs gather.
 */
function freeResult({ data }: OnnxValue): void {
  if (ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer) data.buffer.transfer(0)
}
