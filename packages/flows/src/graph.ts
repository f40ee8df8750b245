/**
 * Graph: the levels of a flow. A request to a model and the steps that use its answer are on different levels. The
 * first level continues with the next samples while the second waits for the answer, in order. So answers may take any
 * time, and the outputs stay the same.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import { isAsking, signalsOf } from '@skerry/contract/flows/flow-step'

export type Graph = {
  /** Inputs first, then steps: the place identifies a signal. */
  names: readonly string[]
  placeOf: ReadonlyMap<string, number>
  /** The most models before a signal. */
  levelOf: readonly number[]
  levels: number
  /** By level: the places of the signals that this level or an earlier one makes, and a later one needs. */
  exports: readonly ReadonlySet<number>[]
}

export function graphOf({ inputs, steps }: Flow): Graph {
  const names = [...inputs, ...steps].map(({ name }) => name)
  const placeOf = new Map(names.map((name, place) => [name, place]))
  const levelOf: number[] = inputs.map(() => 0)
  const placesOf = (step: Flow['steps'][number]) => signalsOf(step).map((name) => placeOf.get(name) ?? 0)
  const askedAt = (step: Flow['steps'][number]) => Math.max(...placesOf(step).map((place) => levelOf[place] ?? 0))
  for (const step of steps) levelOf.push(askedAt(step) + (isAsking(step) ? 1 : 0))
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
