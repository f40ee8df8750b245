/**
 * Selector rows: the selectors that can be built without writing CEL: conditions, joined by and, or by or. Rows become text here, and text
 * becomes rows again where it says nothing else; what it means is for selector.ts alone.
 */
import { parse } from '@bufbuild/cel'

export const FIELDS = {
  'site.name': 'text',
  'site.kind': 'word',
  'site.country': 'optional',
  'site.region': 'optional',
  'site.clearance': 'rank',
  'site.labels': 'label',
  'device.name': 'text',
  'device.labels': 'label',
  'device.arch': 'optional',
  'device.os': 'optional',
  'device.cpus': 'number',
  'device.memoryMb': 'number',
  'device.capabilities': 'list',
  'device.status': 'word',
  'device.online': 'flag',
} as const

export type Field = keyof typeof FIELDS
type FieldKind = (typeof FIELDS)[Field]

const TEXT = ['is', 'is-not', 'in', 'not-in', 'starts', 'ends', 'contains'] as const
const NUMBER = ['is', 'is-not', 'at-least', 'at-most', 'above', 'below'] as const

/** What can be asked of each kind of field. */
export const OPERATORS = {
  text: TEXT,
  optional: [...TEXT, 'has', 'has-not'],
  label: [...TEXT, 'has', 'has-not'],
  word: ['is', 'is-not', 'in', 'not-in'],
  rank: ['at-least', 'at-most', 'is', 'is-not'],
  number: NUMBER,
  flag: ['true', 'false'],
  list: ['holds', 'lacks'],
} as const satisfies Record<FieldKind, readonly string[]>

export type Operator = (typeof OPERATORS)[FieldKind][number]

/** `key` names the label; `values` has one value, several for in and not-in, and none where the operator takes none. */
export type Condition = { field: Field; key?: string | undefined; operator: Operator; values: readonly string[] }

export type SelectorRows = { joint: 'and' | 'or'; conditions: readonly Condition[] }

/** How many values the operator takes. */
export function arityOf(operator: Operator): 'none' | 'one' | 'many' {
  if (operator === 'in' || operator === 'not-in') return 'many'
  return ['has', 'has-not', 'true', 'false'].includes(operator) ? 'none' : 'one'
}

/** Whether the condition says all that it needs. */
export function isComplete({ field, key, operator, values }: Condition): boolean {
  if (FIELDS[field] === 'label' && !key) return false
  if (FIELDS[field] === 'number') return values.length === 1 && /^\d{1,15}$/.test(values[0] ?? '')
  const arity = arityOf(operator)
  if (arity === 'none') return true
  return arity === 'one' ? values.length === 1 && values[0] !== '' : values.length > 0
}

/** The selector of the complete conditions; `true`, which picks everybody, where there is none. */
export function selectorText({ joint, conditions }: SelectorRows): string {
  const texts = conditions.filter(isComplete).map(conditionText)
  return texts.join(joint === 'and' ? ' && ' : ' || ') || 'true'
}

/** The rows of the text; undefined where it says more than rows can. */
export function selectorRows(text: string): SelectorRows | undefined {
  try {
    const { expr } = parse(text)
    if (constantOf(expr) === true) return { joint: 'and', conditions: [] }
    const joint = callOf(expr)?.function === '_||_' ? 'or' : 'and'
    const conditions = partsOf(expr, joint === 'or' ? '_||_' : '_&&_').map(conditionOf)
    return conditions.includes(undefined)
      ? undefined
      : { joint, conditions: conditions.filter((one) => one !== undefined) }
  } catch {
    // No CEL at all, which the hub says better.
    return undefined
  }
}

const SYMBOLS = { is: '==', 'is-not': '!=', 'at-least': '>=', 'at-most': '<=', above: '>', below: '<' } as const
const METHODS = { starts: 'startsWith', ends: 'endsWith', contains: 'contains' } as const

function conditionText(condition: Condition): string {
  const { field, operator, values } = condition
  const path = pathText(condition)
  const literal = (value: string | undefined) => (FIELDS[field] === 'number' ? `${value}` : JSON.stringify(value))
  switch (operator) {
    case 'is':
    case 'is-not':
    case 'at-least':
    case 'at-most':
    case 'above':
    case 'below':
      return `${path} ${SYMBOLS[operator]} ${literal(values[0])}`
    case 'starts':
    case 'ends':
    case 'contains':
      return `${path}.${METHODS[operator]}(${literal(values[0])})`
    case 'in':
      return `${path} in [${values.map(literal).join(', ')}]`
    case 'not-in':
      return `!(${path} in [${values.map(literal).join(', ')}])`
    case 'has':
      return presenceText(condition)
    case 'has-not':
      return `!${wrapped(presenceText(condition))}`
    case 'true':
      return path
    case 'false':
      return `!${path}`
    case 'holds':
      return `${literal(values[0])} in ${path}`
    case 'lacks':
      return `!(${literal(values[0])} in ${path})`
  }
}

const wrapped = (text: string) => (text.startsWith('has(') ? text : `(${text})`)

/** `has` takes a path of words only. */
function presenceText(condition: Condition): string {
  const path = pathText(condition)
  return path.endsWith(']') ? `${JSON.stringify(condition.key)} in ${condition.field}` : `has(${path})`
}

/** [CEL, syntax] Words that stand for something else. */
const RESERVED = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
)

function pathText({ field, key }: Condition): string {
  if (key === undefined) return field
  return /^[a-z_][a-z0-9_]*$/i.test(key) && !RESERVED.has(key) ? `${field}.${key}` : `${field}[${JSON.stringify(key)}]`
}

type Expr = ReturnType<typeof parse>['expr']
type Call = Extract<Expr['exprKind'], { case: 'callExpr' }>['value']

const callOf = ({ exprKind }: Expr): Call | undefined => (exprKind.case === 'callExpr' ? exprKind.value : undefined)

function partsOf(expr: Expr, name: string): Expr[] {
  const call = callOf(expr)
  return call?.function === name ? call.args.flatMap((part) => partsOf(part, name)) : [expr]
}

/** What is compared with what: a place of the fleet, the operator's name, and constants. */
function conditionOf(expr: Expr): Condition | undefined {
  const call = callOf(expr)
  const isNot = call?.function === '!_'
  const inner = isNot ? call.args[0] : expr
  if (!inner) return undefined
  const condition =
    presenceOf(inner) ?? flagOf(inner) ?? membershipOf(inner) ?? (isNot ? undefined : comparisonOf(inner))
  if (!condition) return undefined
  const operator = isNot ? NEGATED[condition.operator] : condition.operator
  return operator === undefined ? undefined : known({ ...condition, operator })
}

const NEGATED: Partial<Record<Operator, Operator>> = { has: 'has-not', true: 'false', in: 'not-in', holds: 'lacks' }

/** Only what the field can be asked, with all that it needs. */
function known(condition: Condition): Condition | undefined {
  const operators: readonly Operator[] = OPERATORS[FIELDS[condition.field]]
  return operators.includes(condition.operator) && isComplete(condition) ? condition : undefined
}

function presenceOf({ exprKind }: Expr): Condition | undefined {
  if (exprKind.case !== 'selectExpr' || !exprKind.value.testOnly || !exprKind.value.operand) return undefined
  const place = placeBelow(placeOf(exprKind.value.operand), exprKind.value.field)
  return place && { ...place, operator: 'has', values: [] }
}

function flagOf(expr: Expr): Condition | undefined {
  const place = placeOf(expr)
  return place && 'field' in place && FIELDS[place.field] === 'flag'
    ? { ...place, operator: 'true', values: [] }
    : undefined
}

/** `place in [...]`, `"x" in device.capabilities`, `"x" in device.labels`. */
function membershipOf(expr: Expr): Condition | undefined {
  const call = callOf(expr)
  const [left, right] = call?.args ?? []
  if (call?.function !== '@in' || !left || !right) return undefined
  const value = textOf(left)
  const within = fieldOf(right)
  const place = fieldOf(left)
  if (value !== undefined && within) {
    if (FIELDS[within.field] === 'label') return { field: within.field, key: value, operator: 'has', values: [] }
    return { ...within, operator: 'holds', values: [value] }
  }
  if (!place || right.exprKind.case !== 'listExpr') return undefined
  const values = right.exprKind.value.elements.map(textOf).filter((one) => one !== undefined)
  return values.length === right.exprKind.value.elements.length ? { ...place, operator: 'in', values } : undefined
}

const BY_NAME: Readonly<Record<string, Operator>> = {
  '_==_': 'is',
  '_!=_': 'is-not',
  '_>=_': 'at-least',
  '_<=_': 'at-most',
  '_>_': 'above',
  '_<_': 'below',
  startsWith: 'starts',
  endsWith: 'ends',
  contains: 'contains',
}

function comparisonOf(expr: Expr): Condition | undefined {
  const call = callOf(expr)
  const operator = BY_NAME[call?.function ?? '']
  const [subject, value] = call?.target ? [call.target, call.args[0]] : (call?.args ?? [])
  const place = subject && fieldOf(subject)
  if (!operator || !place || !value) return undefined
  const text = FIELDS[place.field] === 'number' ? countOf(value) : textOf(value)
  return text === undefined ? undefined : { ...place, operator, values: [text] }
}

/** `device`, or a field of it, or a label. */
type Place = { root: string } | { field: Field; key?: string }

const fieldOf = (expr: Expr) => {
  const place = placeOf(expr)
  return place && 'field' in place ? place : undefined
}

function placeOf(expr: Expr): Place | undefined {
  const { exprKind } = expr
  if (exprKind.case === 'identExpr') return { root: exprKind.value.name }
  if (exprKind.case === 'selectExpr' && !exprKind.value.testOnly && exprKind.value.operand)
    return placeBelow(placeOf(exprKind.value.operand), exprKind.value.field)
  const call = callOf(expr)
  const [operand, index] = call?.args ?? []
  if (call?.function !== '_[_]' || !operand || !index) return undefined
  const key = textOf(index)
  return key === undefined ? undefined : placeBelow(placeOf(operand), key)
}

function placeBelow(place: Place | undefined, name: string): { field: Field; key?: string } | undefined {
  if (!place) return undefined
  if ('field' in place)
    return FIELDS[place.field] === 'label' && place.key === undefined ? { ...place, key: name } : undefined
  const path = `${place.root}.${name}`
  return Object.hasOwn(FIELDS, path) ? { field: path as Field } : undefined
}

function constantOf({ exprKind }: Expr): unknown {
  return exprKind.case === 'constExpr' ? exprKind.value.constantKind.value : undefined
}

const textOf = (expr: Expr): string | undefined => {
  const value = constantOf(expr)
  return typeof value === 'string' ? value : undefined
}

const countOf = (expr: Expr): string | undefined => {
  const value = constantOf(expr)
  return typeof value === 'bigint' ? String(value) : undefined
}
