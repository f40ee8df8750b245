/**
 * Source board: the newest value of each tag of the sources that run here, and the listeners to them. Flows and remote
 * people read it.
 */
import { emptyReading, type GroupReading, type Reading, valueAt } from '@skerry/connectors/reading'
import type { Group, Source } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'

/** Receives each reading, which it must not keep or change. */
export type ReadingListener = (reading: GroupReading, group: Group) => void

export type SourceBoard = {
  /** From now on the source has these tags, without values. */
  open(source: Source): void
  /** Forgets the values of the source. */
  close(source: string): void
  take(source: string, reading: GroupReading): void
  /** The newest value. Undefined if there is no such tag, or no value yet. */
  newest(source: string, tag: string): TagValue | undefined
  /** The newest value, the number of received values, and the number of bad ones. */
  standing(source: string, tag: string): { value?: TagValue; told: number; bad: number }
  /** The number of tags of a group by quality. The rest of all tags have not been read yet. */
  qualities(source: string, group: string): { good: number; uncertain: number; bad: number }
  /** Subscribes until it is disposed, also over restarts of the source, and before it is there. */
  subscribe(source: string, listener: ReadingListener): Disposable
}

/** `wholes`: the number of readings with all tags. The others are counted for each tag. */
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

/** A reading of all tags is kept without its pictures. For a partial reading, only the reported tags count. */
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

/** Every value that is not a good number is an object. So only the objects are checked. */
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

/** With the equipment's times, which a part may have even if the whole did not. */
function ownReading(posted: Posted): Required<Omit<Reading, 'images'>> {
  const { sourceTimesMs, ...rest } = posted.reading
  const own = { ...rest, sourceTimesMs: sourceTimesMs ?? new Float64Array(rest.numbers.length).fill(Number.NaN) }
  posted.reading = own
  return own
}
