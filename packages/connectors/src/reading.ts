/**
 * Reading: the result of one round of a group. Most values are good numbers: they cost sixteen bytes and no object
 * each. Every other value is an object of its own. So a group of thousands costs little more than the client library
 * needs to read it, compare it and hand it to another thread.
 */
import type { Group } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { Image } from '@skerry/core/equipment/image'

/** By the place of each tag in its group. */
export type Reading = {
  /** NaN if the value is not a good number. */
  numbers: Float64Array
  receivedTimesMs: Float64Array
  /** The equipment's own times, NaN for a tag without one. Absent if the equipment never sends times. */
  sourceTimesMs?: Float64Array
  /** Values that are not good numbers, with the times when they were received. */
  others: Map<number, TagValue>
  /**
   * The pictures of cameras by tag. The value of such a tag holds only the picture's size. Only flows of the same
   * device get the pictures.
   */
  images?: ReadonlyMap<string, Image>
}

/** A reading of a group, or the part of it that is news. */
export type GroupReading = Reading & {
  group: string
  /** The places that are news. All places if it is absent. */
  news: Uint32Array | undefined
}

export const emptyReading = (tags: number): Reading => ({
  numbers: new Float64Array(tags).fill(Number.NaN),
  receivedTimesMs: new Float64Array(tags),
  others: new Map(),
})

/** An object made once for each group, which may be a part of one of the source's groups. */
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

/** The number of values that it reports. */
export const sizeOf = ({ news, numbers }: GroupReading): number => news?.length ?? numbers.length

/** The values of the tags that it reports. */
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
