/**
 * Not recorded: the parts of a push that an existing version does not have. Labels, lineage and signatures belong to a
 * version from its first push, and an alias moves deployments. So a later push of the same bytes changes none of them.
 * It must state that, or a person trusts in labels that do not exist.
 */
import type { Lineage } from '@skerry/contract/deployments/lineage'
import type { LineageSpec, NotRecorded } from '@skerry/contract/models/model'

/** The parts of the push. */
export type Given = {
  labels: Readonly<Record<string, string>>
  lineage: LineageSpec | undefined
  aliases: readonly string[]
  /** The keys of its signatures. */
  signers: readonly string[]
}

/** The records of the version. */
export type Recorded = {
  version: number
  labels: Readonly<Record<string, string>>
  lineage: Pick<Lineage, Exclude<keyof Lineage, 'parents'>> & { parents: readonly { name: string; version: number }[] }
  /** All aliases of the model, with their versions. */
  aliases: ReadonlyMap<string, number>
  signers: ReadonlySet<string>
}

/** Each given part that the version does not have; empty if it has all. */
export function findNotRecorded(given: Given, recorded: Recorded): NotRecorded[] {
  const labels = Object.entries(given.labels).flatMap(([name, value]) =>
    differing('label', name, value, recorded.labels[name]),
  )
  const aliases = given.aliases.flatMap((name) =>
    differing('alias', name, String(recorded.version), recorded.aliases.get(name)?.toString()),
  )
  const signatures = given.signers
    .filter((key) => !recorded.signers.has(key))
    .map((key): NotRecorded => ({ part: 'signature', name: key, given: key }))
  return [...labels, ...lineageParts(given.lineage, recorded.lineage), ...aliases, ...signatures]
}

function lineageParts(given: LineageSpec | undefined, recorded: Recorded['lineage']): NotRecorded[] {
  if (!given) return []
  const parents = given.parents.filter((parent) => !isParent(parent, recorded.parents))
  const known = recorded.parents.map(({ name, version }) => `${name}:${version}`).join(', ')
  const named = parents.map(({ name, version }) => `${name}${version.startsWith('@') ? '' : ':'}${version}`)
  const before = wordsOf(recorded)
  return [
    ...named.flatMap((parent) => differing('lineage', 'parent', parent, known === '' ? undefined : known)),
    ...[...wordsOf(given)].flatMap(([name, value]) => differing('lineage', name, value, before.get(name))),
  ]
}

/** An alias and `latest` move, so that only the name can be compared later. */
const isParent = (
  { name, version }: LineageSpec['parents'][number],
  parents: readonly { name: string; version: number }[],
) =>
  parents.some((parent) => parent.name === name && (/^\d+$/.test(version) ? parent.version === Number(version) : true))

function wordsOf({ source, dataset, tool, createdBy, notes }: Omit<LineageSpec, 'parents'>): Map<string, string> {
  const words = {
    source: source?.uri,
    commit: source?.commit,
    dataset: dataset?.uri,
    'dataset digest': dataset?.digest,
    tool,
    'created by': createdBy,
    notes,
  }
  return new Map(Object.entries(words).flatMap(([name, word]) => (word === undefined ? [] : [[name, word] as const])))
}

function differing(
  part: NotRecorded['part'],
  name: string,
  given: string,
  recorded: string | undefined,
): NotRecorded[] {
  if (given === recorded) return []
  return [{ part, name, given, ...(recorded !== undefined && { recorded }) }]
}
