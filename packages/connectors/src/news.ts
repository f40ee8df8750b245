/** News: which part of a reading is told, by the deadbands of its tags. Numbers are compared without an object for each. */
import type { Group, Tag } from '@skerry/contract/sources/source'
import { hasMovedBeyond, isNews } from '@skerry/core/tags/tag-report'
import { emptyReading, type Reading, valueAt } from './reading.ts'

export type NewsFilter = {
  /** Of all places, or of those `among` them: what is news, which counts as told from now on; undefined where all are. */
  take(reading: Reading, among?: Uint32Array): Uint32Array | undefined
  /** What was told of these places, or of all, did not arrive. */
  forget(places: Uint32Array | undefined): void
}

/** Nothing has been told yet. */
export function createNewsFilter(group: Group): NewsFilter {
  const tags: readonly Tag[] = group.tags
  // The usual: every reading is told, and nothing needs to be remembered.
  if (tags.every(({ deadband }) => deadband === undefined))
    return { take: (_, among) => among, forget: () => undefined }
  const told = emptyReading(tags.length)
  const known = new Uint8Array(tags.length)
  return {
    take(reading, among) {
      const news = new Uint32Array(among?.length ?? tags.length)
      let count = 0
      for (const place of among ?? tags.keys()) {
        const tag = tags[place]
        if (!tag || (known[place] === 1 && !isTagNews({ told, reading, place, tag }))) continue
        known[place] = 1
        remember(told, reading, place)
        news[count] = place
        count += 1
      }
      return news.slice(0, count)
    },
    forget(places) {
      for (const place of places ?? known.keys()) known[place] = 0
    },
  }
}

type Comparison = { told: Reading; reading: Reading; place: number; tag: Tag }

function isTagNews({ told, reading, place, tag }: Comparison): boolean {
  if (told.others.has(place) || reading.others.has(place)) {
    return isNews(valueAt(told, place, tag.name), valueAt(reading, place, tag.name), tag)
  }
  if (tag.deadband === undefined) return true
  const silentMs = (reading.receivedTimesMs[place] ?? 0) - (told.receivedTimesMs[place] ?? 0)
  if (silentMs < 0 || silentMs >= (tag.silenceMaxMs ?? Number.POSITIVE_INFINITY)) return true
  return hasMovedBeyond(tag.deadband, told.numbers[place] ?? Number.NaN, reading.numbers[place] ?? Number.NaN)
}

function remember(told: Reading, reading: Reading, place: number): void {
  told.numbers[place] = reading.numbers[place] ?? Number.NaN
  told.receivedTimesMs[place] = reading.receivedTimesMs[place] ?? 0
  const other = reading.others.get(place)
  if (other) told.others.set(place, other)
  else told.others.delete(place)
}
