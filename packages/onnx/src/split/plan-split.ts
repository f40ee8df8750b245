/**
 * Plan split: the cut of a model into stages for which the slowest stage, with its transfers, is the fastest. Pure: the
 * same model and facts always give the same cut.
 */
import type { Model } from '../read.ts'
import { accept, type Result, rejectModel } from '../refusal.ts'
import { bestPositions } from './best-positions.ts'
import { orderNodes, type Placed } from './order.ts'
import { isStage, type Parts, readParts, type SplitFacts, stageFlow } from './parts.ts'
import type { TensorFact } from './tensor-facts.ts'

/** Each stage costs a request more. More than eight devices in a row are slower than the model on one of them. */
export const STAGES_MAX = 8

export type PassedTensor = TensorFact & { name: string }

export type StagePlan = {
  /** Positions of the nodes in the file, in the order in which they run, with copies of constant nodes. */
  nodes: number[]
  computeUs: number
  /** Tensors that the stage takes: from the caller, or from any stage before it. */
  inputs: PassedTensor[]
  /** Tensors that later stages or the caller take. */
  outputs: PassedTensor[]
  transferUs: number
}

export type SplitPlan = { stages: StagePlan[] }

/** The best cut into this number of stages. */
export function planSplit(model: Model, facts: SplitFacts, stages: number): Result<SplitPlan> {
  const read = readParts(model, facts)
  if (!read.ok) return read
  const positions = bestPositions(read.value, facts, stages)
  if (!positions) {
    return rejectModel(
      'model_form_unsupported',
      `the model has no ${stages - 1} places at which it could be cut into ${stages} stages that pass on tensors; ask for fewer stages`,
    )
  }
  return accept(planOf(read.value, facts, positions))
}

/** The plan of the cut at these positions; undefined if a stage could not run alone there. */
export function planAt(model: Model, facts: SplitFacts, positions: readonly number[]): Result<SplitPlan | undefined> {
  const read = readParts(model, facts)
  if (!read.ok) return read
  const { flow, ordered } = read.value
  const ends = [...positions, ordered.steps.length]
  const isRight = ends.every((to, stage) => {
    const from = ends[stage - 1] ?? 0
    return to > from && (stage === ends.length - 1 || flow.isOpen(to)) && isStage(stageFlow(read.value, from, to))
  })
  return accept(isRight ? planOf(read.value, facts, positions) : undefined)
}

/** The number of positions between the first step and the last one. */
export function countSteps(model: Model): Result<number> {
  const ordered = orderNodes(model)
  return ordered.ok ? accept(ordered.value.steps.length) : ordered
}

function planOf(parts: Parts, { tensors, bytesPerUs }: SplitFacts, positions: readonly number[]): SplitPlan {
  const { steps } = parts.ordered
  const ends = [...positions, steps.length]
  const passed = (name: string): PassedTensor => ({ ...(tensors.get(name) ?? UNKNOWN), name })
  const stages = ends.map((to, stage): StagePlan => {
    const from = ends[stage - 1] ?? 0
    const { inputs, outputs } = stageFlow(parts, from, to)
    const [taken, given] = [inputs.map(passed), outputs.map(passed)]
    const bytes = [...taken, ...given].reduce((sum, tensor) => sum + tensor.bytes, 0)
    return {
      nodes: [...constantsFor(parts, from, to), ...steps.slice(from, to)].map(({ index }) => index),
      computeUs: parts.costs.slice(from, to).reduce((sum, cost) => sum + cost, 0),
      inputs: taken,
      outputs: given,
      transferUs: bytes / bytesPerUs,
    }
  })
  return { stages }
}

/** Only inputs and results of the whole model may have no facts: their declarations are those of the whole model. */
const UNKNOWN: TensorFact = { datatype: 'FP32', shape: [], bytes: 0 }

/** The constant nodes that the steps need, and those that these need, in their order. */
function constantsFor({ ordered: { steps, constants }, flow }: Parts, from: number, to: number): Placed[] {
  const needed = new Set(steps.slice(from, to).flatMap(({ reads }) => [...reads]))
  if (to === steps.length) for (const name of flow.unwritten) needed.add(name)
  const kept = constants.toReversed().filter(({ reads, writes }) => {
    if (!writes.some((name) => needed.has(name))) return false
    for (const name of reads) needed.add(name)
    return true
  })
  return kept.toReversed()
}
