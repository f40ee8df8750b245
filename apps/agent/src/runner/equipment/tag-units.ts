/** Tag units: the units of a source's tags, as its file states them. */
import type { Source } from '@skerry/contract/sources/source'

/** A source may have 100,000 tags, and each value that leaves needs a unit. A changed source is another object. */
const known = new WeakMap<Source, ReadonlyMap<string, string>>()

/** Undefined if the source does not run, or if its file states no unit. */
export function tagUnit(source: Source | undefined, tag: string): string | undefined {
  if (!source) return undefined
  const units = known.get(source) ?? unitsIn(source)
  known.set(source, units)
  return units.get(tag)
}

function unitsIn({ groups }: Source): ReadonlyMap<string, string> {
  const tags = groups.flatMap((group): { name: string; unit?: string | undefined }[] => [...group.tags])
  return new Map(tags.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit]])))
}
