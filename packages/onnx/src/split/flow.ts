/**
 * Flow: which tensors pass into and out of a run of consecutive steps. A runner of the stages keeps each tensor until the
 * last stage that reads it, so that a tensor for a later stage does not pass through the stages between.
 */
import { MODEL_TENSORS_MAX } from '@skerry/contract/models/model-summary'
import type { Model } from '../read.ts'
import type { Ordered } from './order.ts'
import type { TensorFacts } from './tensor-facts.ts'

/** A position is the number of steps before it: stage [from, to) has the steps from `from` up to, and without, `to`. */
export type Flow = {
  /** For each step, the tensors that it reads and that no constant gives, with the step that writes them (-1: a caller). */
  reads: readonly (readonly { name: string; writtenAt: number }[])[]
  /** The last step that reads the tensor; the number of steps if it is a result of the model. */
  lastRead: ReadonlyMap<string, number>
  /** Results that no step writes: constants and inputs of the model that it gives back. The last stage gives them. */
  unwritten: readonly string[]
  /** Whether all tensors that pass the position can be sent, as tensors of a type that requests carry. */
  isOpen(position: number): boolean
}

export function flowOf({ graph }: Model, { steps, fixed }: Ordered, facts: TensorFacts): Flow {
  const writtenAt = new Map(steps.flatMap(({ writes }, at) => writes.map((name) => [name, at] as const)))
  const lastRead = new Map<string, number>()
  const reads = steps.map((step, at) =>
    [...step.reads].flatMap((name) => {
      if (fixed.has(name)) return []
      lastRead.set(name, at)
      return { name, writtenAt: writtenAt.get(name) ?? -1 }
    }),
  )
  const results = graph.output.map(({ name }) => name)
  for (const name of results) lastRead.set(name, steps.length)
  return {
    reads,
    lastRead,
    unwritten: results.filter((name) => !writtenAt.has(name)),
    isOpen: openPositions(steps.length, { writtenAt, lastRead, facts }),
  }
}

type Passing = { writtenAt: ReadonlyMap<string, number>; lastRead: ReadonlyMap<string, number>; facts: TensorFacts }

/** A tensor without facts closes the positions between the step that writes it and the last one that reads it. */
function openPositions(count: number, { writtenAt, lastRead, facts }: Passing): Flow['isOpen'] {
  const changes = new Int32Array(count + 2)
  const unsendable = new Int32Array(count + 2)
  for (const [name, at] of writtenAt) {
    const last = Math.min(lastRead.get(name) ?? -1, count)
    if (last <= at) continue
    const list = facts.has(name) ? changes : unsendable
    list[at + 1] = (list[at + 1] ?? 0) + 1
    list[last + 1] = (list[last + 1] ?? 0) - 1
  }
  let [passing, closed] = [0, 0]
  const isOpen = Array.from({ length: count + 1 }, (_, position) => {
    passing += changes[position] ?? 0
    closed += unsendable[position] ?? 0
    return closed === 0 && passing > 0 && passing <= MODEL_TENSORS_MAX
  })
  return (position) => isOpen[position] ?? false
}
