/** Told tags: what a reading of a source tells of the few tags that somebody wants. */
import { type GroupReading, valueAt } from '@skerry/connectors/reading'
import type { Group } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'

type Place = { place: number; tag: string }

/** Of groups that may have thousands: where those that are wanted are is found out once. */
export function tagsIn(wanted: ReadonlySet<string>): (reading: GroupReading, group: Group) => TagValue[] {
  const known = new WeakMap<Group, readonly Place[]>()
  return (reading, group) => {
    const places = known.get(group) ?? placesIn(wanted, group)
    known.set(group, places)
    const { news } = reading
    const told = news ? places.filter(({ place }) => news.includes(place)) : places
    return told.map(({ place, tag }) => valueAt(reading, place, tag))
  }
}

const placesIn = (wanted: ReadonlySet<string>, group: Group): Place[] =>
  group.tags.flatMap(({ name }, place) => (wanted.has(name) ? [{ place, tag: name }] : []))
