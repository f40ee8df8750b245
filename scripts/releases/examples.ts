/**
 * Examples: values that a schema accepts. Together they have all its fields and all branches of its choices. The
 * schema itself judges each of them, so that rules between fields hold too.
 */
import * as z from 'zod'

type Type = z.core.$ZodType
type Def = z.core.$ZodTypes['_zod']['def']

/** Deep enough for every schema of the contract; JSON, which may hold JSON, ends here. */
const DEPTH_MAX = 24

const DIGITS = 'abcdefgh234567'
const HEX = '0123456789abcdef'.repeat(4)
const PEM = (word: string) => `-----BEGIN ${word}-----\nTUlJQg==\n-----END ${word}-----\n`

/** Texts in the order in which a schema is asked. The first that it accepts is its example. */
const TEXTS: readonly string[] = [
  'pump-1',
  'text',
  `sha256:${HEX}`,
  HEX,
  ...'org site dev tok exp key usr upl ver dep cmd rol sec con bat inv apr ses psk int ca bld cmp lrn lfl lmk opt git feed sub gra acs str'
    .split(' ')
    .map((prefix) => `${prefix}_${DIGITS}`),
  `sk_${DIGITS}_${'A'.repeat(43)}`,
  `si_${DIGITS}_${'A'.repeat(43)}`,
  'A'.repeat(43),
  'A'.repeat(22),
  'QUJD',
  '123456',
  'anna@example.com',
  'https://hub.example.com/a',
  'wss://hub.example.com/a',
  '2026-11-29T00:00:00.000Z',
  '10.0.0.0/8',
  '10%',
  '1.2.0',
  '0 2 * * *',
  'Europe/Berlin',
  'opc.tcp://10.0.0.5:4840',
  'rtsp://10.0.0.5/stream',
  'mqtt://10.0.0.5:1883',
  'ns=2;s=Level',
  'holding:100',
  'DB1.DBD0',
  'analog-input:1',
  '1/2/3',
  '9.001',
  '1.3.6.1.2.1.1.3.0',
  '3/100',
  '/values',
  'device.read',
  'DE',
  '{{value}}',
  '{value}',
  '10.0.0.6',
  'coil:5',
  'DB1.DBX6.0',
  'DB1.DBB4',
  '7',
  '0',
  '1',
  '123e4567-e89b-42d3-a456-426614174000',
  '123e4567e89b42d3',
  'urn:uuid:123e4567-e89b-42d3-a456-426614174000',
  'BCDF-GHJK',
  'organisation',
  'device.labels.line',
  'true',
  '2001:db8::/32',
  PEM('PUBLIC KEY'),
  PEM('CERTIFICATE'),
  '3600',
  'label:line',
  'source:press',
  'confidence < 0.6',
  'pump-anomaly/alarm',
  '06:00-22:00 Europe/Berlin 256 kB/s',
  'press-4=10.0.0.7:8600',
  'http://proxy.example.com:3128',
  'https://hub.example.com/a.onnx',
  'https://openvex.dev/ns/v0.2.0',
  '127.0.0.1:8080',
  'site:oslo',
  'device:pump-1',
  'oslo',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==',
  '-----BEGIN PGP PUBLIC KEY BLOCK-----\nQUJD\n-----END PGP PUBLIC KEY BLOCK-----\n',
]

const NUMBERS: readonly number[] = [
  1, 2, 5, 10, 0, 0.5, 32, 60, 480, 1_000, 30_000, 100_000, 16_777_216, 1_700_000_000_000, -1, 0.2, 0.001,
]

export type Known = ReadonlyMap<Type, readonly unknown[]>

/** The places of the schema that have no example; empty if all went well. */
export type Gaps = Set<string>

/** Several examples of a schema. `known` has those of schemas with rules that no search fulfils. */
export function examplesOf(schema: Type, known: Known, gaps: Gaps): unknown[] {
  return examples(schema, { known, gaps, path: '', depth: 0 })
}

type Place = { known: Known; gaps: Gaps; path: string; depth: number }

const accepts = (schema: Type, value: unknown) => z.safeParse(schema, value).success

function examples(schema: Type, place: Place): unknown[] {
  const given = place.known.get(schema)
  if (given) return [...given]
  if (place.depth > DEPTH_MAX) return []
  const made = candidates(schema, { ...place, depth: place.depth + 1 })
  const found = made.filter((value) => accepts(schema, value))
  if (found.length === 0) place.gaps.add(`${place.path} (${defOf(schema).type})`)
  return found
}

const defOf = (schema: Type) => schema._zod.def as Def

type Maker<Kind extends Def['type']> = (def: Extract<Def, { type: Kind }>, place: Place, schema: Type) => unknown[]

const inner = ({ innerType }: { innerType: Type }, place: Place) => examples(innerType, place)

/** A row for each kind of schema that the contract has. */
const makers: { readonly [Kind in Def['type']]?: Maker<Kind> } = {
  string: (_, __, schema) => firstOf(schema, TEXTS),
  number: (_, __, schema) => firstOf(schema, NUMBERS),
  boolean: () => [true, false],
  null: () => [null],
  literal: ({ values }) => [...values],
  enum: ({ entries }) => Object.values(entries),
  unknown: () => [{ text: 'value' }],
  custom: () => [{}],
  lazy: () => [1],
  optional: inner,
  default: inner,
  prefault: inner,
  catch: inner,
  readonly: inner,
  nonoptional: inner,
  nullable: (def, place) => [...inner(def, place), null],
  pipe: (def, place, schema) => pipes(schema, def.in, def.out, place),
  union: ({ options }, place) =>
    options.flatMap((option, index) => examples(option, { ...place, path: `${place.path}|${index}` })),
  array: ({ element }, place, schema) => arrays(schema, examples(element, { ...place, path: `${place.path}[]` })),
  tuple: ({ items }, place) => [items.map((item) => examples(item, place)[0])],
  record: ({ keyType, valueType }, place, schema) =>
    records(schema, examples(keyType, place), examples(valueType, { ...place, path: `${place.path}{}` })),
  object: ({ shape }, place, schema) => objects(schema, shape, place),
}

function candidates(schema: Type, place: Place): unknown[] {
  const def = defOf(schema)
  const make = makers[def.type] as Maker<Def['type']> | undefined
  return make?.(def, place, schema) ?? []
}

function pipes(schema: Type, input: Type, output: Type, place: Place): unknown[] {
  const { type } = defOf(input)
  if (type === 'string' || type === 'pipe') return firstOf(schema, TEXTS)
  if (type === 'number') return firstOf(schema, NUMBERS)
  return examples(type === 'transform' ? output : input, place)
}

function firstOf<Value>(schema: Type, values: readonly Value[]): Value[] {
  const found = values.find((value) => accepts(schema, value))
  return found === undefined ? [] : [found]
}

/** All elements in one array if its rules allow that, otherwise in several. */
function arrays(schema: Type, elements: readonly unknown[]): unknown[] {
  if (elements.length === 0) return [[]]
  const distinct = elements.map((element, index) => renamed(element, index + 1))
  if (accepts(schema, distinct)) return [distinct]
  const [first] = elements
  const sizes = [1, 2, 3, 4, 50].map((size) => Array.from({ length: size }, () => first))
  const size = sizes.find((array) => accepts(schema, array))?.length ?? 1
  return elements
    .map((element) => Array.from({ length: size }, () => element))
    .filter((array) => accepts(schema, array))
}

/** Elements with a name often must not share it. */
function renamed(element: unknown, index: number): unknown {
  if (typeof element !== 'object' || element === null || !('name' in element)) return element
  return typeof element.name === 'string' ? { ...element, name: `${element.name}-${index}` } : element
}

function records(schema: Type, keys: readonly unknown[], values: readonly unknown[]): unknown[] {
  const whole = (value: unknown) => Object.fromEntries(keys.map((key) => [String(key), value]))
  return values.map(whole).filter((record) => accepts(schema, record))
}

const isOptional = (schema: Type) => schema._zod.optin === 'optional'

function objects(schema: Type, shape: Readonly<Record<string, Type>>, place: Place): unknown[] {
  const fields = Object.entries(shape).map(([name, field]): Field => {
    const values = examples(field, { ...place, path: `${place.path}.${name}` })
    return { name, isOptional: isOptional(field), values, others: [...values, ...othersOf(field)] }
  })
  const rounds = Math.max(1, ...fields.map(({ values }) => values.length))
  return Array.from({ length: rounds }, (_, round) => fullest(schema, fieldsOf(fields, round), round)).flat()
}

/** `others` has the values to try if the rules of the object reject the first ones. */
type Field = { name: string; isOptional: boolean; values: unknown[]; others: unknown[] }
type Draft = Record<string, unknown>

/** All texts or numbers that a plain field accepts. */
function othersOf(field: Type): unknown[] {
  const def = defOf(field)
  if ('innerType' in def) return othersOf(def.innerType)
  if (def.type === 'string') return TEXTS.filter((text) => accepts(field, text))
  return def.type === 'number' ? NUMBERS.filter((number) => accepts(field, number)) : []
}

/** The first round has all fields; a later one only those that must be, and those that have another value. */
const fieldsOf = (fields: readonly Field[], round: number) =>
  fields.filter(({ isOptional, values }) => values.length > 0 && (round === 0 || !isOptional || values.length > round))

/** The object with all fields; or, where their rules exclude each other, some that together have each field. */
function fullest(schema: Type, fields: readonly Field[], round: number): Draft[] {
  const all = Object.fromEntries(fields.map(({ name, values }) => [name, values[round] ?? values[0]]))
  if (accepts(schema, all)) return [all]
  const drafts: Draft[] = []
  const isNew = ({ name, values }: Field) => {
    const value = JSON.stringify(values[round])
    return values.length > round && !drafts.some((draft) => JSON.stringify(draft[name]) === value)
  }
  for (const field of fields) {
    if (!isNew(field)) continue
    const start = searched(schema, fields, { [field.name]: field.values[round] })
    if (start) drafts.push(grown(schema, fields, start))
  }
  return drafts
}

/** Enough to find the values of three fields that depend on each other. */
const TRIES = 400

/** An object with the given values, by trying the values of the other fields. */
function searched(schema: Type, fields: readonly Field[], fixed: Draft): Draft | undefined {
  const next = numbersBelow()
  for (let round = 0; round < TRIES; round += 1) {
    // First only the required fields, then more and more.
    const chosen = fields.filter(({ isOptional }) => !isOptional || next(TRIES) < round / 2)
    const pick = ({ others, values }: Field) => (round === 0 ? values[0] : others[next(others.length)])
    const draft = { ...Object.fromEntries(chosen.map((field) => [field.name, pick(field)])), ...fixed }
    if (accepts(schema, draft)) return draft
  }
  return undefined
}

/** With each further field that is accepted. */
function grown(schema: Type, fields: readonly Field[], start: Draft): Draft {
  let draft = start
  for (const { name, others } of fields) {
    if (name in draft) continue
    const value = others.find((other) => accepts(schema, { ...draft, [name]: other }))
    if (value !== undefined) draft = { ...draft, [name]: value }
  }
  return draft
}

/** The same numbers in each run, spread evenly enough. [Numerical Recipes, quick and dirty generators] */
function numbersBelow(): (limit: number) => number {
  let state = 1
  return (limit) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.floor((state / 2 ** 32) * limit)
  }
}
