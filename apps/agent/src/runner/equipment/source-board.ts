/** Source board: the newest value of each tag of the sources that run here, and who wants to hear of them. Flows read it, and so do people from far away. */
import { emptyReading, type GroupReading, type Reading, valueAt } from '@skerry/connectors/reading'
import type { Group, Source } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'

/** Hears each reading, which is not to be kept or changed. */
export type ReadingListener = (reading: GroupReading, group: Group) => void

export type SourceBoard = {
  /** From now on the source has these tags, and nothing is known of them. */
  open(source: Source): void
  /** What was known of it is forgotten. */
  close(source: string): void
  take(source: string, reading: GroupReading): void
  /** The newest value; undefined where there is no such tag, or none has come. */
  newest(source: string, tag: string): TagValue | undefined
  /** The same, and how many values it has been told, and how many of them were bad. */
  standing(source: string, tag: string): { value?: TagValue; told: number; bad: number }
  /** How many tags of a group are so now; what is missing to all has not been read yet. */
  qualities(source: string, group: string): { good: number; uncertain: number; bad: number }
  /** Until disposed, over restarts of the source and before it is there. */
  subscribe(source: string, listener: ReadingListener): Disposable
}

/** `wholes`: readings of all tags; the others are counted for each. */
type Posted = {
  group: Group
  reading: Reading
  isKnown: Uint8Array
  wholes: number
  told: Float64Array
  bad: Float64Array
}
type Place = { posted: Posted; place: number }
type Opened = { groups: Map<string, Posted>; places: Map<string, Place> }

/** An empty one. */
export function createSourceBoard(): SourceBoard {
  const sources = new Map<string, Opened>()
  const listeners = new Map<string, Set<ReadingListener>>()
  const newest = (source: string, tag: string) => {
    const found = sources.get(source)?.places.get(tag)
    return found?.posted.isKnown[found.place] ? valueAt(found.posted.reading, found.place, tag) : undefined
  }
  return {
    open: (source) => void sources.set(source.name, openedOf(source)),
    close: (source) => void sources.delete(source),
    take(source, reading) {
      const posted = sources.get(source)?.groups.get(reading.group)
      if (!posted) return
      post(posted, reading)
      for (const listener of listeners.get(source) ?? []) listener(reading, posted.group)
    },
    newest,
    standing(source, tag) {
      const found = sources.get(source)?.places.get(tag)
      const value = newest(source, tag)
      if (!found) return { told: 0, bad: 0 }
      const { wholes, told, bad } = found.posted
      const counts = { told: wholes + (told[found.place] ?? 0), bad: bad[found.place] ?? 0 }
      return value ? { ...counts, value } : counts
    },
    qualities: (source, group) => qualitiesOf(sources.get(source)?.groups.get(group)),
    subscribe(source, listener) {
      const heard = listeners.get(source) ?? new Set()
      listeners.set(source, heard.add(listener))
      return {
        [Symbol.dispose]() {
          heard.delete(listener)
          if (heard.size === 0 && listeners.get(source) === heard) listeners.delete(source)
        },
      }
    },
  }
}

function openedOf({ groups }: Source): Opened {
  const opened: Opened = { groups: new Map(), places: new Map() }
  for (const group of groups) {
    const size = group.tags.length
    const posted = {
      group,
      reading: emptyReading(size),
      isKnown: new Uint8Array(size),
      wholes: 0,
      told: new Float64Array(size),
      bad: new Float64Array(size),
    }
    opened.groups.set(group.name, posted)
    for (const [place, { name }] of group.tags.entries()) opened.places.set(name, { posted, place })
  }
  return opened
}

/** A reading of all is kept as it is, without its pictures; of one that tells of some, only those count. */
function post(posted: Posted, { group: _, images: __, news, ...reading }: GroupReading): void {
  countBad(posted, reading, news)
  if (!news) {
    posted.wholes += 1
    posted.reading = reading
    posted.isKnown.fill(1)
    return
  }
  const known = ownReading(posted)
  for (const place of news) {
    posted.isKnown[place] = 1
    posted.told[place] = (posted.told[place] ?? 0) + 1
    known.numbers[place] = reading.numbers[place] ?? Number.NaN
    known.receivedTimesMs[place] = reading.receivedTimesMs[place] ?? 0
    known.sourceTimesMs[place] = reading.sourceTimesMs?.[place] ?? Number.NaN
    const other = reading.others.get(place)
    if (other) known.others.set(place, other)
    else known.others.delete(place)
  }
}

/** What is no good number is a value of its own, so only those are looked at. */
function countBad({ bad }: Posted, { others }: Reading, news: Uint32Array | undefined): void {
  if (others.size === 0) return
  for (const place of news ?? others.keys()) {
    if (others.get(place)?.quality === 'bad') bad[place] = (bad[place] ?? 0) + 1
  }
}

function qualitiesOf(posted: Posted | undefined): { good: number; uncertain: number; bad: number } {
  const counts = { good: 0, uncertain: 0, bad: 0 }
  for (const [place, isKnown] of posted?.isKnown.entries() ?? []) {
    if (isKnown) counts[posted?.reading.others.get(place)?.quality ?? 'good'] += 1
  }
  return counts
}

/** With times of the equipment, which a part may bring where the whole did not. */
function ownReading(posted: Posted): Required<Omit<Reading, 'images'>> {
  const { sourceTimesMs, ...rest } = posted.reading
  const own = { ...rest, sourceTimesMs: sourceTimesMs ?? new Float64Array(rest.numbers.length).fill(Number.NaN) }
  posted.reading = own
  return own
}
