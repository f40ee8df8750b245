/** Folding nouns: one table, list or object out of what each noun contributes. Two nouns never contribute the same. */
import type { Noun, NounFacts } from './noun.ts'

type Field = keyof Noun

/** What the nouns of a list have in a field, together. */
type Folded<Nouns extends readonly Noun[], Key extends Field> = Intersection<ValueOf<Nouns[number], Key>>

type ValueOf<Each, Key extends Field> = Each extends { [K in Key]: infer Value } ? Value : never

/** [TypeScript] Inference from a parameter makes an intersection of a union. */
type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never

/** The handlers by noun and verb of the API. Throws if two nouns have a handler for the same procedure. */
export function foldHandlers<const Nouns extends readonly Noun[]>(nouns: Nouns): Folded<Nouns, 'handlers'> {
  const folded: Record<string, Record<string, unknown>> = {}
  for (const { handlers = {} } of nouns) {
    for (const [name, group] of Object.entries(handlers)) folded[name] = joined(`${name}.`, folded[name] ?? {}, group)
  }
  return folded as Folded<Nouns, 'handlers'>
}

type Facts<Nouns extends readonly Noun[]> = {
  entityTags: Folded<Nouns, 'entityTags'>
  inScope: Folded<Nouns, 'inScope'>
} & Pick<NounFacts, 'purge' | 'kept' | 'raises'>

export function foldFacts<const Nouns extends readonly Noun[]>(nouns: Nouns): Facts<Nouns> {
  return {
    entityTags: recordOf(nouns, 'entityTags'),
    inScope: recordOf(nouns, 'inScope'),
    purge: listOf(nouns, 'purge'),
    kept: listOf(nouns, 'kept'),
    raises: raisesOf(nouns),
  }
}

function recordOf<Nouns extends readonly Noun[], Key extends 'entityTags' | 'inScope'>(
  nouns: Nouns,
  key: Key,
): Folded<Nouns, Key> {
  const found: readonly Noun[] = nouns
  return found.reduce((all, noun) => joined('', all, noun[key] ?? {}), {}) as Folded<Nouns, Key>
}

const raisesOf = (nouns: readonly Noun[]): NounFacts['raises'] =>
  Object.fromEntries(nouns.flatMap(({ raises = {} }) => Object.entries(raises)))

/** All rows that the nouns have in a field, in the order of the nouns. */
export function listOf<Key extends 'purge' | 'kept' | 'sweeps' | 'engines'>(
  nouns: readonly Noun[],
  key: Key,
): NonNullable<Noun[Key]>[number][] {
  return nouns.flatMap((noun) => [...(noun[key] ?? [])])
}

function joined(prefix: string, known: object, added: object): Record<string, unknown> {
  const twice = Object.keys(added).find((name) => name in known)
  if (twice !== undefined) throw new Error(`two nouns contribute ${prefix}${twice}`)
  return { ...known, ...added }
}
