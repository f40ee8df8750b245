/** Newly seen: the values that a flow reported at one look and not at the look before. */
import type { FlowLook, FlowPartLook, SeenValue } from '@skerry/contract/flows/flow-look'

type Looked = Pick<FlowLook, 'countedFromMs' | 'parts'>
type PartName = Pick<FlowPartLook, 'part' | 'name'>

export type NewValue = PartName & { number: number; seen: SeenValue; unit?: string }

export type NewlySeen = {
  /** Oldest first; of one time, in the order of the flow. */
  values: NewValue[]
  /** Values that arrived faster than looks can carry them. */
  omitted: (PartName & { count: number })[]
}

/**
 * `before` is absent at the first look, in which everything is new. After a restart of the counters everything is new,
 * too.
 */
export function newlySeen(before: Looked | undefined, now: Looked): NewlySeen {
  const isSame = before !== undefined && before.countedFromMs === now.countedFromMs
  const known = new Map(isSame ? before.parts.map((part) => [keyOf(part), part.last]) : [])
  const values: NewValue[] = []
  const omitted: NewlySeen['omitted'] = []
  for (const { part, name, last, recent, unit } of now.parts) {
    const firstNumber = last - recent.length + 1
    const seenTo = known.get(`${part} ${name}`)
    const news = recent
      .map(
        (seen, at): NewValue => ({ part, name, number: firstNumber + at, seen, ...(unit !== undefined && { unit }) }),
      )
      .filter(({ number }) => number > (seenTo ?? 0))
    values.push(...news)
    // Before the first look nothing was missed.
    const count = seenTo === undefined ? 0 : last - seenTo - news.length
    if (count > 0) omitted.push({ part, name, count })
  }
  return { values: values.toSorted((a, b) => a.seen.timeMs - b.seen.timeMs), omitted }
}

/** A sink may have the name of a step. */
const keyOf = ({ part, name }: PartName) => `${part} ${name}`
