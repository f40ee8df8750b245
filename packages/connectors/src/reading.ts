/**
 * Reading: what one round of a group gave. Good numbers, which are the many, cost sixteen bytes and no object each; all else is a value of its own.
 * A group of thousands is read, compared and handed from thread to thread for little more than the client library costs.
 */
import type { Group } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { Image } from '@skerry/core/equipment/image'

/** By the place of each tag in its group. */
export type Reading = {
  /** NaN where it is no good number. */
  numbers: Float64Array
  receivedTimesMs: Float64Array
  /** The equipment's own times; NaN where it gives none. Absent where it never does. */
  sourceTimesMs?: Float64Array
  /** What is no good number, and when it was received. */
  others: Map<number, TagValue>
  /** By tag, the pictures of cameras: their values say no more than their size. Only flows of the same device are handed them. */
  images?: ReadonlyMap<string, Image>
}

/** A reading of a group, or the part of it that is news. */
export type GroupReading = Reading & {
  group: string
  /** The places that are news; all where it is absent. */
  news: Uint32Array | undefined
}

export const emptyReading = (tags: number): Reading => ({
  numbers: new Float64Array(tags).fill(Number.NaN),
  receivedTimesMs: new Float64Array(tags),
  others: new Map(),
})

/** Made once for each group, which may be a part of one of the source's. */
export function perGroup<Plan>(make: (group: Group) => Plan): (group: Group) => Plan {
  const made = new WeakMap<Group, Plan>()
  return (group) => {
    const known = made.get(group)
    if (known !== undefined) return known
    const plan = make(group)
    made.set(group, plan)
    return plan
  }
}

/** A reading of values that are objects already. */
export function readingOf(values: readonly TagValue[]): Reading {
  const reading = emptyReading(values.length)
  for (const [index, value] of values.entries()) {
    if (value.quality === 'good' && typeof value.value === 'number' && value.sourceTimeMs === undefined) {
      reading.numbers[index] = value.value
      reading.receivedTimesMs[index] = value.receivedTimeMs
    } else {
      reading.others.set(index, value)
    }
  }
  return reading
}

/** How many values it tells of. */
export const sizeOf = ({ news, numbers }: GroupReading): number => news?.length ?? numbers.length

/** The value of each tag that it tells of. */
export function valuesOf(reading: GroupReading, { tags }: Group): TagValue[] {
  const places = reading.news ?? tags.keys()
  return [...places].flatMap((place) => {
    const name = tags[place]?.name
    return name === undefined ? [] : [valueAt(reading, place, name)]
  })
}

/** The value of one tag. */
export function valueAt(
  { numbers, receivedTimesMs, sourceTimesMs, others }: Reading,
  place: number,
  tag: string,
): TagValue {
  const receivedTimeMs = receivedTimesMs[place] ?? 0
  const sourceTimeMs = sourceTimesMs?.[place] ?? Number.NaN
  const times = Number.isNaN(sourceTimeMs) ? { receivedTimeMs } : { sourceTimeMs, receivedTimeMs }
  return others.get(place) ?? { tag, quality: 'good', value: numbers[place] ?? Number.NaN, ...times }
}
