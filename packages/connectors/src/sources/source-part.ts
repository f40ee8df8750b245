/** Source part: a source with some of its tags, or a source for a trial beside the running one of the same name. */
import type { Source } from '@skerry/contract/sources/source'

/** Keeps these tags alone. Groups without any of them are left out. */
export function partOf(source: Source, names: readonly string[]): Source {
  const wanted = new Set(names)
  const groups = source.groups.flatMap(({ tags, ...group }) => {
    const kept = tags.filter(({ name }) => wanted.has(name))
    return kept.length === 0 ? [] : [{ ...group, tags: kept }]
  })
  return { ...source, groups } as Source
}

/** The names of its tags, in the order of the file. */
export const tagNamesOf = ({ groups }: Source): string[] =>
  groups.flatMap(({ tags }) => (tags as readonly { name: string }[]).map(({ name }) => name))

/**
 * Removes names that only one client may have. A broker drops the other client of the same name, and nodes wait for one
 * primary host of a name.
 */
export function besideRunning(source: Source): Source {
  if (source.protocol === 'mqtt') {
    const { clientId: _, ...connection } = source.connection
    return { ...source, connection: { ...connection, session: 'clean' } }
  }
  if (source.protocol === 'sparkplug') {
    const { clientId: _, primaryHost: __, ...connection } = source.connection
    return { ...source, connection }
  }
  return source
}

/**
 * The client certificate. It is created once, because operators trust it manually on the server. The position in a file
 * or table belongs to one reader only.
 */
export const sharesState = ({ protocol }: Source): boolean => protocol === 'opcua'
