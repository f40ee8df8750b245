/**
 * Expressions: CEL over a few named things, compiled once and judged on any number of them. A language defines the
 * fields of each thing.
 *
 * A missing value is null, not an error: null equals nothing but null, every order comparison and text function with it
 * is false, and `has()` detects it. After any other error on one thing, the expression is false there, and `judge` says
 * why. A text that cannot work on anything is rejected when it is compiled: each part whose truth decides must give
 * true or false on the language's sample.
 *
 * Cost is bounded: 2,000 characters of text, no loop inside another, patterns run by RE2, whose time is linear, and a
 * limit on the steps of one evaluation that is checked when the text is compiled.
 */
import {
  type CelEnv,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celMethod,
  celType,
  isCelError,
  listType,
  mapType,
  parse,
  plan,
} from '@bufbuild/cel'
import { Clearance } from '@skerry/contract/values/clearance'
import { type Expr, fieldsNamedIn, GET, leavesOf, makeNullSafe, RANK, type Vocabulary } from './expression-syntax.ts'

/** A value that an expression may find in a field; an absent one is null. */
export type FieldValue =
  | string
  | number
  | boolean
  | readonly string[]
  | Readonly<Record<string, string | number>>
  | undefined

/** The fields of one thing, by their names. */
export type Fields = Readonly<Record<string, FieldValue>>

/** The things that an expression may name, each with its fields. */
export type Things = Readonly<Record<string, Fields>>

/**
 * `sample` names every thing and every field, and holds a value of the right kind for each. `numbers`: `real` ones are
 * never cut to whole ones, nor are literals in the text. `isOpen`: its things may have any field, so nothing can be
 * tried on the sample. With `kinds` they are single values, each of one of these kinds, and are named one by one.
 */
export type Language = {
  noun: string
  sample: Things
  numbers?: 'whole' | 'real'
  isOpen?: boolean
  kinds?: readonly FieldValue[]
}

/** Whether it is true. `problem` is set if the expression failed, which counts as false. */
export type Verdict = { matches: boolean; problem?: string }

/** `reads` are the fields that it cannot do without, such as `result.value`: named ones that `has()` does not check. */
export type Expression = { ok: true; judge: (things: Things) => Verdict; reads: readonly string[] }
export type ExpressionRefusal = { ok: false; problem: string }

/** Compiles the text once for any number of things. */
export function compileExpression(
  text: string,
  { noun, sample, numbers = 'whole', kinds, isOpen = kinds !== undefined }: Language,
): Expression | ExpressionRefusal {
  try {
    const { expr } = parse(text)
    const leaves = leavesOf(expr)
    const isReal = numbers === 'real'
    // Read before makeNullSafe rewrites the expression.
    const named = kinds ? leaves.map(fieldsNamedIn) : []
    const reads = makeNullSafe(expr, { noun, ...vocabularyOf(sample), isReal, isOpen })
    const tried = leaves.map((leaf, index) =>
      problemOn(isOpen ? samplesOf(named[index] ?? [], kinds ?? []) : [sample], judgeOf(leaf, isReal)),
    )
    const problem = tried.find((found) => found !== undefined)
    return problem === undefined ? { ok: true, judge: judgeOf(expr, isReal), reads } : { ok: false, problem }
  } catch (cause) {
    // The parser throws on syntax, and makeNullSafe on forbidden parts. Deep nesting ends the recursion in a
    // RangeError.
    return {
      ok: false,
      problem: cause instanceof RangeError ? 'it is nested too deeply' : withHint((cause as Error).message),
    }
  }
}

/** Why it works on none of them; undefined if it works on one, or there is none to try it on. */
/** People who know SQL compare with one sign. */
const withHint = (problem: string) => (/found = /.test(problem) ? `${problem}; compare with ==` : problem)

function problemOn(samples: readonly Things[], judge: (things: Things) => Verdict): string | undefined {
  const problems = samples.map((sample) => judge(sample).problem)
  return problems.includes(undefined) ? undefined : problems[0]
}

/** A comparison has two sides; of more fields than these it is found out on the values themselves. */
const FIELDS_TRIED = 4

/** Every way in which these fields can be of these kinds. */
function samplesOf(paths: readonly string[], kinds: readonly FieldValue[]): Things[] {
  const distinct = [...new Set(paths)]
  if (distinct.length > FIELDS_TRIED) return []
  return distinct.reduce<Things[]>(
    (samples, path) => {
      const [thing = '', field] = [path.slice(0, path.indexOf('.')), path.slice(path.indexOf('.') + 1)]
      return samples.flatMap((sample) =>
        kinds.map((kind) => ({ ...sample, [thing]: { ...sample[thing], [field]: kind } })),
      )
    },
    kinds.length === 0 ? [] : [{}],
  )
}

function vocabularyOf(sample: Things): Pick<Vocabulary, 'fields' | 'collections'> {
  const fields = Object.fromEntries(Object.entries(sample).map(([thing, values]) => [thing, Object.keys(values)]))
  const all = Object.entries(sample).flatMap(([thing, values]) =>
    Object.entries(values).map(([field, value]) => ({ path: `${thing}.${field}`, value })),
  )
  const maps = all.filter(({ value }) => typeof value === 'object' && !Array.isArray(value))
  const lists = all.filter(({ value }) => Array.isArray(value))
  return { fields, collections: [...maps, ...lists].map(({ path }) => path) }
}

function judgeOf(expr: Expr, isReal: boolean): (things: Things) => Verdict {
  const evaluate = plan(environment, expr)
  return (things) => {
    const value = evaluate(bindingsOf(things, isReal))
    if (typeof value === 'boolean') return { matches: value }
    return {
      matches: false,
      problem: isCelError(value) ? value.message : `it returns ${kindOf(value)}, not true or false`,
    }
  }
}

const kindOf = (value: CelValue) => celType(value).name

const { BOOL, DYN, INT, NULL, STRING } = CelScalar
const LIST = listType(DYN)
const MAP = mapType(DYN, DYN)
const isFalse = () => false
const isNull = () => null

const environment: CelEnv = celEnv({
  funcs: [
    celFunc(GET, [MAP, DYN], DYN, (map, key) => map.get(key as string) ?? null),
    celFunc(GET, [LIST, INT], DYN, (list, index) => list.get(Number(index)) ?? null),
    celFunc(GET, [NULL, DYN], DYN, isNull),
    celFunc(RANK, [STRING], INT, rankOf),
    ...['_<_', '_<=_', '_>_', '_>=_'].flatMap((name) => [
      celFunc(name, [NULL, DYN], BOOL, isFalse),
      celFunc(name, [DYN, NULL], BOOL, isFalse),
    ]),
    celFunc('@in', [NULL, MAP], BOOL, isFalse),
    celFunc('@in', [DYN, NULL], BOOL, isFalse),
    ...['startsWith', 'endsWith', 'contains', 'matches'].flatMap((name) => [
      celMethod(name, NULL, [DYN], BOOL, isFalse),
      celMethod(name, STRING, [NULL], BOOL, isFalse),
    ]),
    ...['int', 'double', 'size'].map((name) => celFunc(name, [NULL], NULL, isNull)),
    celMethod('size', NULL, [], NULL, isNull),
  ],
})

const RANKS: readonly string[] = Clearance.options

function rankOf(clearance: string): bigint {
  const rank = RANKS.indexOf(clearance)
  if (rank === -1) throw new Error(`${clearance} is not a clearance; use one of ${RANKS.join(', ')}`)
  return BigInt(rank)
}

const bindingsOf = (things: Things, isReal: boolean) =>
  Object.fromEntries(Object.entries(things).map(([thing, fields]) => [thing, presentOf(fields, isReal)]))

function presentOf(fields: Fields, isReal: boolean): Map<string, CelInput> {
  const present = new Map<string, CelInput>()
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined) present.set(field, celOf(value, isReal))
  }
  return present
}

type CelInput = string | number | bigint | boolean | readonly string[] | Map<string, CelInput>

/** CEL's int is a bigint here; a number would be a double, with which `%` does not work. */
function celOf(value: Exclude<FieldValue, undefined>, isReal: boolean): CelInput {
  if (typeof value === 'number') return isReal ? value : BigInt(Math.trunc(value))
  return typeof value === 'object' && !Array.isArray(value) ? presentOf(value as Fields, isReal) : (value as CelInput)
}
