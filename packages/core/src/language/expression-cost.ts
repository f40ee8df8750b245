/**
 * Expression cost: what one evaluation of an expression takes at most, in steps. A step is the work of one node of the syntax tree, 0.15 us
 * on a small server. Functions over text cost as much as their texts are long, so the bound holds for the longest names and labels.
 *
 * The figures were measured with bench-like runs over texts that make each function slow; they are upper bounds, not averages.
 */
import type { Expr } from './expression-syntax.ts'

/** One evaluation takes 0.3 ms, so 10,000 devices are judged in three seconds at the very worst. */
export const STEPS_MAX = 2_000

/** A name, a label or its value has 63 characters at most. */
const FIELD_CHARACTERS = 63

/** Copying and comparing text is quick; a search is so many times slower for each character that it looks for. */
const COPIED_A_STEP = 64
const SEARCHED_A_STEP = 512

/** RE2 walks a program of this length, and what it always does besides, over one character in a step. */
const PROGRAM_A_STEP = 24
const PROGRAM_ALWAYS = 36

/** Dates and durations are read by patterns of their own. */
const DATE_STEPS = 40

/** `map` and `filter` copy the list that they have so far, of up to 64 entries. */
const LIST_STEPS = 8

/** Of this node alone, without its parts. */
export function stepsOf(expr: Expr): number {
  const { exprKind } = expr
  if (exprKind.case !== 'callExpr') return 1
  const { function: name, target, args } = exprKind.value
  const [first, second] = target ? [target, args[0]] : [args[0], args[1]]
  return Math.ceil(1 + textSteps(name, [first, second]))
}

type Operands = readonly [Expr | undefined, Expr | undefined]

function textSteps(name: string, operands: Operands): number {
  const [first, second] = operands.map(charactersOf)
  const [here = 0, there = 0] = [first, second]
  switch (name) {
    case 'matches':
      return (here * (programOf(operands[1]) + PROGRAM_ALWAYS)) / PROGRAM_A_STEP
    case 'contains':
      return (here * there) / SEARCHED_A_STEP
    case '_+_':
      return operands.some((operand) => operand?.exprKind.case === 'listExpr')
        ? LIST_STEPS
        : (here + there) / COPIED_A_STEP
    case 'startsWith':
    case 'endsWith':
    case '_==_':
    case '_!=_':
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return Math.min(here, there) / COPIED_A_STEP
    case 'size':
    case 'bytes':
    case 'string':
    case 'int':
    case 'uint':
    case 'double':
      return (2 * here) / COPIED_A_STEP
    default:
      return /^(timestamp|duration|get[A-Z])/.test(name) ? DATE_STEPS : 0
  }
}

/** How long the text of an expression is at most, if it is a text. */
function charactersOf(expr: Expr | undefined): number {
  if (!expr) return 0
  const { exprKind } = expr
  if (exprKind.case === 'constExpr') return textOf(expr)?.length ?? 0
  if (exprKind.case !== 'callExpr') return FIELD_CHARACTERS
  const { function: name, args } = exprKind.value
  if (name === '_+_') return args.reduce((sum, part) => sum + charactersOf(part), 0)
  if (name === '_?_:_') return Math.max(...args.slice(1).map(charactersOf))
  return args.reduce((most, part) => Math.max(most, charactersOf(part)), FIELD_CHARACTERS)
}

/** RE2 runs in linear time over a program that each counted repetition multiplies: `(a{30}){30}` is 900 times as long as `a`. */
function programOf(pattern: Expr | undefined): number {
  const text = textOf(pattern) ?? ''
  const counts = [...text.matchAll(/\d+(?=(,\d*)?\})/g)].map(([count]) => Math.max(1, Number(count)))
  return counts.reduce((product, count) => product * count, text.length)
}

function textOf(expr: Expr | undefined): string | undefined {
  const constant = expr?.exprKind.case === 'constExpr' ? expr.exprKind.value.constantKind : undefined
  return constant?.case === 'stringValue' ? constant.value : undefined
}
