/**
 * The syntax of expressions: what of CEL may be said in one, and how it is made null-safe.
 *
 * CEL's own evaluator does the evaluating. Before that, every `a.b` and `a["b"]` becomes a call of `@get`, which gives null where the
 * key is missing, and an order comparison with `site.clearance` becomes one of ranks, since the words themselves sort by alphabet.
 */
import { parse } from '@bufbuild/cel'
import { STEPS_MAX, stepsOf } from './expression-cost.ts'

/** A parsed expression. */
export type Expr = ReturnType<typeof parse>['expr']

type Kind<Case extends Expr['exprKind']['case']> = Extract<Expr['exprKind'], { case: Case }>

/** What kind of expression it is, for messages; the names that it may use, with their fields; and which of those hold several values. */
export type Vocabulary = {
  noun: string
  fields: Readonly<Record<string, readonly string[]>>
  collections: readonly string[]
  /** Numbers that the text says are taken as real ones. */
  isReal: boolean
  /** Things may have any field. */
  isOpen: boolean
}

export const GET = '@get'
export const RANK = '@rank'
const INDEX = '_[_]'
const ORDER = ['_<_', '_<=_', '_>_', '_>=_']
const LOGIC = ['_&&_', '_||_', '!_', '_?_:_']

/** The parts whose truth decides: operands of and, or, not and if, down to what is none of these. */
export function leavesOf(expr: Expr): Expr[] {
  const { exprKind } = expr
  if (exprKind.case !== 'callExpr' || !LOGIC.includes(exprKind.value.function)) return [expr]
  return exprKind.value.args.flatMap(leavesOf)
}

/**
 * The fields that it names, of a language of single values: each is written out as `tags["NAME"]` or `tags.NAME`. Refuses by a throw the presence of one, a
 * part of one, and their thing as a whole. Of an expression that has not been made null-safe.
 */
export function fieldsNamedIn(expr: Expr): string[] {
  const { exprKind } = expr
  if (exprKind.case === 'comprehensionExpr') throw new Error('all, exists, filter and map have no list to work on here')
  if (exprKind.case === 'selectExpr' && exprKind.value.testOnly)
    throw new Error('has() is not needed here: every named value must exist')
  if (exprKind.case === 'identExpr') throw new Error(`${exprKind.value.name} stands alone; ${WRITTEN_OUT}`)
  const field = fieldOf(expr)
  if (field) return [field]
  return partsOf(expr).flatMap(fieldsNamedIn)
}

const WRITTEN_OUT = 'write tags["NAME"], with the whole name in quotes'

function fieldOf({ exprKind }: Expr): string | undefined {
  const isIndex = exprKind.case === 'callExpr' && exprKind.value.function === INDEX
  if (exprKind.case !== 'selectExpr' && !isIndex) return undefined
  const thing = nameOf(exprKind.case === 'selectExpr' ? exprKind.value.operand : exprKind.value.args[0])
  const field = exprKind.case === 'selectExpr' ? exprKind.value.field : lastTextOf(exprKind.value)
  if (thing === '' || field === undefined)
    throw new Error(`a value has no parts, and names cannot be computed; ${WRITTEN_OUT}`)
  return `${thing}.${field}`
}

/** A loop goes over labels at most, of which there are 64; a device has at most 16 capabilities. */
const LOOP_STEPS = 64
const CAPABILITY_STEPS = 16

/** Refuses by a throw what the vocabulary does not say, and rewrites the rest in place. Gives the fields that the expression cannot do without. */
export function makeNullSafe(expr: Expr, vocabulary: Vocabulary): string[] {
  const walk: Walk = { vocabulary, steps: 0, weight: 1, loopVariables: [], read: new Set(), asked: new Set() }
  visit(expr, walk)
  if (walk.steps > STEPS_MAX)
    throw new Error(
      `it takes too long on every device (${walk.steps} steps, at most ${STEPS_MAX}); use fewer loops, patterns and long texts`,
    )
  return [...walk.read].filter((path) => !walk.asked.has(path))
}

/**
 * `steps` counts what an evaluation costs; `loopVariables` are the names that a loop around the expression gives; `read` and `asked` are the
 * fields that it names, and those whose presence it asks for.
 */
type Walk = {
  vocabulary: Vocabulary
  steps: number
  weight: number
  loopVariables: readonly string[]
  read: Set<string>
  asked: Set<string>
}

function visit(expr: Expr, walk: Walk): void {
  const { exprKind } = expr
  walk.steps += walk.weight * stepsOf(expr)
  if (exprKind.case === 'comprehensionExpr') visitLoop(exprKind, walk)
  if (exprKind.case === 'identExpr') checkName(exprKind.value.name, walk)
  // Maps would be a second way to hold what a label holds, and messages have no fields that a selector could use.
  if (exprKind.case === 'structExpr') {
    throw new Error(`a ${walk.vocabulary.noun} cannot create maps; compare with values instead`)
  }
  if (exprKind.case === 'selectExpr') checkField(exprKind, walk.vocabulary)
  if (exprKind.case === 'callExpr') checkPattern(exprKind)
  if (exprKind.case === 'constExpr' && walk.vocabulary.isReal) makeReal(exprKind)
  noteField(expr, walk)
  const isOfRanks = isClearanceOrder(expr)
  for (const part of partsOf(expr)) visit(part, walk)
  if (exprKind.case === 'selectExpr' && !exprKind.value.testOnly) expr.exprKind = getCall(exprKind)
  if (exprKind.case !== 'callExpr') return
  if (exprKind.value.function === INDEX) exprKind.value.function = GET
  if (isOfRanks) exprKind.value.args = exprKind.value.args.map((part) => ({ ...part, exprKind: callOf(RANK, [part]) }))
}

function partsOf({ exprKind }: Expr): Expr[] {
  if (exprKind.case === 'selectExpr') return present([exprKind.value.operand])
  if (exprKind.case === 'callExpr') return present([exprKind.value.target, ...exprKind.value.args])
  if (exprKind.case === 'listExpr') return exprKind.value.elements
  return []
}

const present = (parts: (Expr | undefined)[]) => parts.filter((part) => part !== undefined)

/** Nested or chained loops would multiply, and a list that is written out may be as long as the text. */
function visitLoop({ value: loop }: Kind<'comprehensionExpr'>, walk: Walk): void {
  const { noun, collections } = walk.vocabulary
  if (walk.loopVariables.length > 0) throw new Error(`all, exists, filter and map cannot be nested in a ${noun}`)
  const range = loop.iterRange?.exprKind
  if (range?.case !== 'selectExpr' || nameOf(range.value.operand) === '') {
    throw new Error(`all, exists, filter and map work on ${alternatives(collections) || 'nothing here'}`)
  }
  const inside: Walk = {
    ...walk,
    steps: 0,
    weight: stepsOver(range.value.field),
    loopVariables: [loop.accuVar, loop.iterVar],
  }
  const parts = present([loop.iterRange, loop.accuInit, loop.loopCondition, loop.loopStep, loop.result])
  for (const part of parts) visit(part, inside)
  walk.steps += inside.steps
}

const stepsOver = (field: string) => (field === 'capabilities' ? CAPABILITY_STEPS : LOOP_STEPS)

function checkName(name: string, { vocabulary: { noun, fields }, loopVariables }: Walk): void {
  if (Object.hasOwn(fields, name) || loopVariables.includes(name)) return
  const names = Object.keys(fields).map((known) => `${known}.FIELD`)
  throw new Error(`there is no ${name} in a ${noun}; write ${alternatives(names)}`)
}

const alternatives = (names: readonly string[]) => names.join(', ').replace(/, (?=[^,]*$)/, ' or ')

function checkField({ value: { operand, field } }: Kind<'selectExpr'>, vocabulary: Vocabulary): void {
  const name = nameOf(operand)
  const fields = vocabulary.isOpen ? undefined : vocabulary.fields[name]
  if (fields && !fields.includes(field)) throw new Error(`${name} has no ${field}; it has ${fields.join(', ')}`)
}

/** `result.count / 2` would be no division of anything, one of them being real and the other whole. */
function makeReal({ value: constant }: Kind<'constExpr'>): void {
  const { case: kind, value } = constant.constantKind
  if (kind === 'int64Value' || kind === 'uint64Value')
    constant.constantKind = { case: 'doubleValue', value: Number(value) }
}

function noteField({ exprKind }: Expr, { read, asked }: Walk): void {
  if (exprKind.case === 'selectExpr') {
    const { operand, field, testOnly } = exprKind.value
    const noted = testOnly ? asked : read
    noted.add(`${nameOf(operand)}.${field}`)
  }
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== INDEX) return
  const [thing] = exprKind.value.args
  const field = lastTextOf(exprKind.value)
  if (field !== undefined) read.add(`${nameOf(thing)}.${field}`)
}

/** A pattern from a label would be a program from wherever the label came from; a constant one is read by a person first. */
function checkPattern({ value: call }: Kind<'callExpr'>): void {
  if (call.function === 'matches' && lastTextOf(call) === undefined)
    throw new Error('matches() needs a pattern in quotes')
}

function lastTextOf({ args }: Kind<'callExpr'>['value']): string | undefined {
  const last = args.at(-1)?.exprKind
  const constant = last?.case === 'constExpr' ? last.value.constantKind : undefined
  return constant?.case === 'stringValue' ? constant.value : undefined
}

const isClearanceOrder = ({ exprKind }: Expr) =>
  exprKind.case === 'callExpr' && ORDER.includes(exprKind.value.function) && exprKind.value.args.some(isClearance)

const isClearance = ({ exprKind }: Expr) =>
  exprKind.case === 'selectExpr' && exprKind.value.field === 'clearance' && nameOf(exprKind.value.operand) === 'site'

const nameOf = (expr: Expr | undefined) => (expr?.exprKind.case === 'identExpr' ? expr.exprKind.value.name : '')

function getCall({ value: { operand, field } }: Kind<'selectExpr'>): Expr['exprKind'] {
  return callOf(GET, [...present([operand]), parse(JSON.stringify(field)).expr])
}

/** The parser makes the node, so that this file need not know how the syntax tree's messages are built. */
function callOf(name: string, args: Expr[]): Expr['exprKind'] {
  const call = parse('f()').expr.exprKind as Kind<'callExpr'>
  call.value.function = name
  call.value.args = args
  return call
}
