/** Source part: a source with some of its tags, and one that is tried beside another of its name. */
import type { Source } from '@skerry/contract/sources/source'

/** With these tags alone; groups that have none of them go. */
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

/** Without what only one may have: a broker drops whoever else has the client's name, and nodes wait for one primary host of a name. */
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

/** Its certificate, which is made once whoever makes it, and which somebody has trusted by hand. How far a file or a table was read is for one reader only. */
export const sharesState = ({ protocol }: Source): boolean => protocol === 'opcua'
