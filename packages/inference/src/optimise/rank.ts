/**
 * Ranking: the error of each rewritten node alone. The float model runs once for each input; each rewritten node then
 * runs on the tensors that reached it. That takes one run of the model and one of each node, while a run of the whole
 * model for each node takes the square of that.
 */
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import type { SingleNode } from '@skerry/onnx/passes/single-node'
import type { OnnxValue } from 'onnxruntime-node'
import { fromContract } from '../host/raw-tensor.ts'
import { InferenceSession } from '../runtime/onnx-runtime.ts'
import { toOrt } from '../runtime/ort-tensor.ts'
import type { RankedNode } from './build-model.ts'

export type Ranking = {
  /** The float model, which gives the tensors of all nodes as outputs, unless they are its inputs. */
  bytes: Uint8Array
  nodes: readonly SingleNode[]
  cases: readonly GoldenInputCase[]
}

const OPTIONS = { executionMode: 'sequential', intraOpNumThreads: 1, logSeverityLevel: 4 } as const

/** The errors, worst first. Nodes that no input reached, or that give no float32, are left out. */
export async function rankNodes({ bytes, nodes, cases }: Ranking): Promise<RankedNode[]> {
  const model = await InferenceSession.create(bytes, { ...OPTIONS, graphOptimizationLevel: 'disabled' })
  const tallies = new Map(nodes.map((node) => [node, nothingTallied()]))
  try {
    for (const { inputs } of cases) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, tensor]) => [name, toOrt(fromContract(name, tensor))]),
      )
      const results = { ...feeds, ...(await model.run(feeds)) }
      for (const [node, tally] of tallies) await tallyNode(node, results, tally)
    }
  } finally {
    await model.release()
  }
  return [...tallies]
    .flatMap(([{ key, node, operator, place }, tally]) =>
      tally.count === 0 ? [] : [{ key, node, operator, place, error: errorOf(tally) }],
    )
    .toSorted((a, b) => b.error - a.error)
}

type Tally = { count: number; sum: number; squares: number; wrong: number }

const nothingTallied = (): Tally => ({ count: 0, sum: 0, squares: 0, wrong: 0 })

/**
 * A session of its own for each run: some hundred of them at once would take more memory than the model. A node that the
 * runtime cannot run alone has no error.
 */
async function tallyNode({ bytes, inputs, output }: SingleNode, results: Record<string, OnnxValue>, tally: Tally) {
  const feeds = Object.fromEntries(inputs.flatMap((name) => (results[name] ? [[name, results[name]]] : [])))
  const wanted = floatsOf(results[output])
  if (!wanted || Object.keys(feeds).length < inputs.length) return
  const session = await InferenceSession.create(bytes, OPTIONS).catch(() => undefined)
  if (!session) return
  try {
    const got = floatsOf((await session.run(feeds))[output])
    if (got?.length === wanted.length) addValues(wanted, got, tally)
  } finally {
    await session.release()
  }
}

function floatsOf(value: OnnxValue | undefined): Float32Array | undefined {
  const { data } = value ?? {}
  return data instanceof Float32Array ? data : undefined
}

function addValues(wanted: Float32Array, got: Float32Array, tally: Tally) {
  for (let index = 0; index < wanted.length; index++) {
    const value = wanted[index] ?? 0
    tally.count++
    tally.sum += value
    tally.squares += value * value
    tally.wrong += (value - (got[index] ?? 0)) ** 2
  }
}

/** A result that never varies has no deviation to measure by. */
function errorOf({ count, sum, squares, wrong }: Tally): number {
  const variance = Math.max(0, squares / count - (sum / count) ** 2)
  return Math.sqrt(wrong / count / (variance || 1))
}
