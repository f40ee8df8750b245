/** IEC 104 image: the last state of each object from the station, and the changes that have not been passed on yet. */
import { emptyReading, type Reading } from '@skerry/connectors/reading'
import { badValue } from '@skerry/connectors/value'
import type { Iec104Connection, Iec104Tag } from '@skerry/contract/sources/protocols/source-iec104'
import type { TagValue } from '@skerry/contract/sources/tag'
import { objectKey, placeOf } from './address.ts'
import type { Asdu } from './asdu.ts'
import { readObject } from './value.ts'

type Place = { group: string; index: number; tag: Iec104Tag }
type Event = { index: number; value: TagValue }

export type Image = {
  hear(asdu: Asdu, receivedTimeMs: number): void
  /** The last value of each of the tags. */
  whole(tags: readonly { name: string }[]): Reading
  /**
   * The changes since the last call, in as few readings as possible. A reading has one value for each tag, and no event
   * is left out.
   */
  take(group: string): { reading: Reading; places: Uint32Array }[]
  newest(tag: string): TagValue | undefined
  /** The number of waiting events. */
  size(): number
  /** Every object that the station reported, for any requester. */
  addresses(): string[]
}

type Groups = readonly { name: string; tags: readonly Iec104Tag[] }[]

export function createImage(groups: Groups, connection: Iec104Connection, nowMs: () => number): Image {
  const places = placesOf(groups, connection)
  const newest = new Map<string, TagValue>()
  const addresses = new Set<string>()
  const events = new Map<string, Event[]>(groups.map(({ name }) => [name, []]))
  return {
    hear({ commonAddress, objects }, receivedTimeMs) {
      for (const object of objects) {
        const key = objectKey({ commonAddress, address: object.address })
        if (addresses.size < ADDRESSES_MAX) addresses.add(key)
        for (const { group, index, tag } of places.get(key) ?? []) {
          const value = readObject(tag, { ...object, receivedTimeMs, utcOffsetMinutes: connection.utcOffsetMinutes })
          newest.set(tag.name, value)
          events.get(group)?.push({ index, value })
        }
      }
    },
    whole(tags) {
      const reading = timedReading(tags.length)
      for (const [index, { name }] of tags.entries()) {
        put(reading, index, newest.get(name) ?? badValue(name, UNTOLD, nowMs()))
      }
      return reading
    },
    take(group) {
      const waiting = events.get(group) ?? []
      events.set(group, [])
      return readingsOf(waiting, groups.find(({ name }) => name === group)?.tags.length ?? 0)
    },
    newest: (tag) => newest.get(tag),
    size: () => [...events.values()].reduce((sum, { length }) => sum + length, 0),
    addresses: () => [...addresses],
  }
}

/** The most addresses that are remembered for browsing. Larger stations are several stations. */
const ADDRESSES_MAX = 100_000

const UNTOLD = { code: 'value_awaited', message: 'the station has not sent this object yet; check its address' }

function placesOf(groups: Groups, connection: Iec104Connection): Map<string, Place[]> {
  const places = new Map<string, Place[]>()
  for (const { name: group, tags } of groups) {
    for (const [index, tag] of tags.entries()) {
      const key = objectKey(placeOf(tag.address, connection))
      places.set(key, [...(places.get(key) ?? []), { group, index, tag }])
    }
  }
  return places
}

const timedReading = (tags: number): Reading => ({
  ...emptyReading(tags),
  sourceTimesMs: new Float64Array(tags).fill(Number.NaN),
})

function put({ numbers, receivedTimesMs, sourceTimesMs, others }: Reading, index: number, value: TagValue): void {
  if (value.quality !== 'good' || typeof value.value !== 'number') {
    others.set(index, value)
    return
  }
  numbers[index] = value.value
  receivedTimesMs[index] = value.receivedTimeMs
  if (sourceTimesMs) sourceTimesMs[index] = value.sourceTimeMs ?? Number.NaN
}

function readingsOf(events: readonly Event[], tags: number): { reading: Reading; places: Uint32Array }[] {
  const readings: { reading: Reading; places: Uint32Array }[] = []
  let part = new Map<number, TagValue>()
  const close = () => {
    if (part.size === 0) return
    const reading = timedReading(tags)
    for (const [index, value] of part) put(reading, index, value)
    readings.push({ reading, places: Uint32Array.from(part.keys()).sort() })
    part = new Map()
  }
  for (const { index, value } of events) {
    if (part.has(index)) close()
    part.set(index, value)
  }
  close()
  return readings
}
