/**
 * The syntax of selectors: what of CEL may be said in one, and how it is made null-safe.
 *
 * CEL's own evaluator does the evaluating. Before that, every `a.b` and `a["b"]` becomes a call of `@get`, which gives null where the
 * key is missing, and an order comparison with `site.clearance` becomes one of ranks, since the words themselves sort by alphabet.
 */
import { parse } from '@bufbuild/cel'

/** A parsed expression. */
export type Expr = ReturnType<typeof parse>['expr']

type Kind<Case extends Expr['exprKind']['case']> = Extract<Expr['exprKind'], { case: Case }>

/** The names that a selector may use, with their fields. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  device: ['id', 'name', 'labels', 'arch', 'os', 'cpus', 'memoryMb', 'capabilities', 'status', 'online'],
  site: ['name', 'kind', 'country', 'region', 'labels', 'clearance'],
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

/** Refuses by a throw what a selector may not say, and rewrites the rest in place. */
export function makeNullSafe(expr: Expr): void {
  visit(expr, [])
}

/** `loopVariables` are the names that a loop around the expression gives. */
function visit(expr: Expr, loopVariables: readonly string[]): void {
  const { exprKind } = expr
  if (exprKind.case === 'comprehensionExpr') visitLoop(exprKind, loopVariables)
  if (exprKind.case === 'identExpr') checkName(exprKind.value.name, loopVariables)
  // Maps would be a second way to hold what a label holds, and messages have no fields that a selector could use.
  if (exprKind.case === 'structExpr') throw new Error('maps cannot be made in a selector; compare with values instead')
  if (exprKind.case === 'selectExpr') checkField(exprKind)
  if (exprKind.case === 'callExpr') checkPattern(exprKind)
  const isOfRanks = isClearanceOrder(expr)
  for (const part of partsOf(expr)) visit(part, loopVariables)
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

/** One loop costs at most the length of its list times that of its body; nested or chained ones would multiply without bound. */
function visitLoop({ value: loop }: Kind<'comprehensionExpr'>, loopVariables: readonly string[]): void {
  if (loopVariables.length > 0) throw new Error('all, exists, filter and map cannot be nested or chained in a selector')
  const inside = [loop.accuVar, loop.iterVar]
  const parts = present([loop.iterRange, loop.accuInit, loop.loopCondition, loop.loopStep, loop.result])
  for (const part of parts) visit(part, inside)
}

function checkName(name: string, loopVariables: readonly string[]): void {
  if (name in FIELDS || loopVariables.includes(name)) return
  throw new Error(`there is no ${name} in a selector; write device.FIELD or site.FIELD`)
}

function checkField({ value: { operand, field } }: Kind<'selectExpr'>): void {
  const name = nameOf(operand)
  const fields = FIELDS[name]
  if (fields && !fields.includes(field)) throw new Error(`${name} has no ${field}; it has ${fields.join(', ')}`)
}

/** A pattern from a label would be a program from wherever the label came from; a constant one is read by a person first. */
function checkPattern({ value: call }: Kind<'callExpr'>): void {
  if (call.function !== 'matches' || call.args.at(-1)?.exprKind.case === 'constExpr') return
  throw new Error('matches takes a pattern in quotes')
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
