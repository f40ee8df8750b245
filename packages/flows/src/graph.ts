/**
 * Graph: the levels of a flow. What a model is asked and what is made of its answer are on different levels: the first goes on with the next samples
 * while the second waits for the answer, in order. So answers come in whatever time they need, and what is made of them is always the same.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import { signalsOf } from '@skerry/contract/flows/flow-step'

export type Graph = {
  /** Inputs first, then steps: a signal is known by its place. */
  names: readonly string[]
  placeOf: ReadonlyMap<string, number>
  /** How many models stand before a signal, at most. */
  levelOf: readonly number[]
  levels: number
  /** By level: the places of the signals that are made there or before, and are needed after it. */
  exports: readonly ReadonlySet<number>[]
}

export function graphOf({ inputs, steps }: Flow): Graph {
  const names = [...inputs, ...steps].map(({ name }) => name)
  const placeOf = new Map(names.map((name, place) => [name, place]))
  const levelOf: number[] = inputs.map(() => 0)
  const placesOf = (step: Flow['steps'][number]) => signalsOf(step).map((name) => placeOf.get(name) ?? 0)
  const askedAt = (step: Flow['steps'][number]) => Math.max(...placesOf(step).map((place) => levelOf[place] ?? 0))
  for (const step of steps) levelOf.push(askedAt(step) + (step.kind === 'model' ? 1 : 0))
  const levels = Math.max(...levelOf) + 1
  const exports = Array.from({ length: levels }, () => new Set<number>())
  for (const step of steps) {
    const level = askedAt(step)
    for (const place of placesOf(step)) {
      for (let from = levelOf[place] ?? 0; from < level; from++) exports[from]?.add(place)
    }
  }
  return { names, placeOf, levelOf, levels, exports }
}
