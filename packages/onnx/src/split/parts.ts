/** Parts: the steps of a model with their costs, and the tensors that pass between them. */
import type { Model } from '../read.ts'
import { accept, type Result } from '../refusal.ts'
import { type Flow, flowOf } from './flow.ts'
import { estimateUs } from './node-cost.ts'
import { type Ordered, orderNodes } from './order.ts'
import type { TensorFacts } from './tensor-facts.ts'

export type SplitFacts = {
  tensors: TensorFacts
  /** Measured times of the nodes of the main graph, by their position in the file. Estimates if absent. */
  nodeUs?: readonly number[] | undefined
  /** The network between the devices. */
  bytesPerUs: number
}

export type Parts = { model: Model; ordered: Ordered; flow: Flow; costs: readonly number[] }

/** The parts of a model, or the reason why its nodes have no order. */
export function readParts(model: Model, { tensors, nodeUs }: SplitFacts): Result<Parts> {
  const ordered = orderNodes(model)
  if (!ordered.ok) return ordered
  const { steps } = ordered.value
  const costs = steps.map(({ node, index }) => nodeUs?.[index] ?? estimateUs(node, tensors))
  return accept({ model, ordered: ordered.value, flow: flowOf(model, ordered.value, tensors), costs })
}

export type Sides = { inputs: string[]; outputs: string[] }

/** A request needs a tensor, and so does its answer. */
export const isStage = ({ inputs, outputs }: Sides) => inputs.length > 0 && outputs.length > 0

/** The names that pass into and out of the steps [from, to). */
export function stageFlow({ ordered: { steps, fixed }, flow }: Parts, from: number, to: number): Sides {
  const inputs = new Set<string>()
  for (const reads of flow.reads.slice(from, to))
    for (const { name, writtenAt } of reads) if (writtenAt < from) inputs.add(name)
  const written = steps.slice(from, to).flatMap(({ writes }) => writes)
  const outputs = written.filter((name) => (flow.lastRead.get(name) ?? -1) >= to)
  if (to < steps.length) return { inputs: [...inputs], outputs }
  for (const name of flow.unwritten) if (!fixed.has(name)) inputs.add(name)
  return { inputs: [...inputs], outputs: [...outputs, ...flow.unwritten] }
}
