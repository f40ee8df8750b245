import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSelector } from './selector.ts'
import {
  arityOf,
  type Condition,
  FIELDS,
  type Field,
  OPERATORS,
  type Operator,
  selectorRows,
  selectorText,
} from './selector-rows.ts'

test.each<[string, Condition]>([
  ['site.country == "DE"', { field: 'site.country', operator: 'is', values: ['DE'] }],
  ['site.country in ["DE", "FR"]', { field: 'site.country', operator: 'in', values: ['DE', 'FR'] }],
  ['!(site.country in ["DE"])', { field: 'site.country', operator: 'not-in', values: ['DE'] }],
  ['has(site.region)', { field: 'site.region', operator: 'has', values: [] }],
  ['site.clearance >= "internal"', { field: 'site.clearance', operator: 'at-least', values: ['internal'] }],
  ['device.labels.line != "4"', { field: 'device.labels', key: 'line', operator: 'is-not', values: ['4'] }],
  ['device.labels["team/owner"] == "a"', { field: 'device.labels', key: 'team/owner', operator: 'is', values: ['a'] }],
  ['!has(device.labels.line)', { field: 'device.labels', key: 'line', operator: 'has-not', values: [] }],
  ['"team/owner" in device.labels', { field: 'device.labels', key: 'team/owner', operator: 'has', values: [] }],
  ['!("in" in site.labels)', { field: 'site.labels', key: 'in', operator: 'has-not', values: [] }],
  ['device.name.startsWith("press-")', { field: 'device.name', operator: 'starts', values: ['press-'] }],
  ['device.memoryMb >= 2048', { field: 'device.memoryMb', operator: 'at-least', values: ['2048'] }],
  ['device.online', { field: 'device.online', operator: 'true', values: [] }],
  ['!device.online', { field: 'device.online', operator: 'false', values: [] }],
  ['"onnx" in device.capabilities', { field: 'device.capabilities', operator: 'holds', values: ['onnx'] }],
  ['!("onnx" in device.capabilities)', { field: 'device.capabilities', operator: 'lacks', values: ['onnx'] }],
])('%s is one row, both ways', (text, condition) => {
  expect(selectorText({ joint: 'and', conditions: [condition] })).toBe(text)
  expect(selectorRows(text)).toEqual({ joint: 'and', conditions: [condition] })
})

test.each([
  ['true', 'and', 0],
  ['( site.kind == "edge"&&device.online ) && has(site.region)', 'and', 3],
  ['site.kind == "edge" || (site.kind == "cloud" || device.online)', 'or', 3],
  ['device.labels["line"] == "4"', 'and', 1],
  ['"line" in device.labels', 'and', 1],
] as const)('%s is rows joined by %s', (text, joint, count) => {
  const rows = selectorRows(text)
  expect([rows?.joint, rows?.conditions.length]).toEqual([joint, count])
})

test.each([
  'site.kind == "edge" && (device.online || has(site.region))',
  'device.online ? site.kind == "edge" : false',
  'device.labels.line.matches("^a")',
  'device.labels.line == device.name',
  '"edge" == site.kind',
  'int(device.labels.rack) > 4',
  '!(site.kind == "edge")',
  'device.cpus > 2.5',
  'device.online == true',
  'device.labels.exists(key, key == "a")',
  'device.labels.a.b == "c"',
  'site.city == "Bonn"',
  'device.name in []',
  'site.kind >= "edge"',
  'false',
  'site.kind ==',
])('%s says more than rows can', (text) => {
  expect(selectorRows(text)).toBeUndefined()
})

test('rows that say nothing yet are left out', () => {
  const empty: Condition[] = [
    { field: 'site.country', operator: 'is', values: [''] },
    { field: 'device.labels', operator: 'has', values: [] },
    { field: 'device.cpus', operator: 'at-least', values: ['many'] },
    { field: 'site.name', operator: 'in', values: [] },
  ]
  expect(selectorText({ joint: 'or', conditions: empty })).toBe('true')
})

const fields = Object.keys(FIELDS) as Field[]

/** Any complete condition. */
const conditions: fc.Arbitrary<Condition> = fc.constantFrom(...fields).chain((field) => {
  const kind = FIELDS[field]
  const value =
    kind === 'number'
      ? fc.nat(100_000).map(String)
      : kind === 'rank'
        ? fc.constantFrom('public', 'internal', 'restricted')
        : fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  const key = kind === 'label' ? fc.stringMatching(/^[a-z0-9]([a-z0-9._/-]{0,9}[a-z0-9])?$/) : fc.constant(undefined)
  return fc.constantFrom<Operator>(...OPERATORS[kind]).chain((operator) => {
    const arity = arityOf(operator)
    const maxLength = arity === 'one' ? 1 : 3
    const values = arity === 'none' ? fc.constant([]) : fc.array(value, { minLength: 1, maxLength })
    return fc.tuple(key, values).map(
      ([label, chosen]): Condition => ({
        field,
        operator,
        values: chosen,
        ...(label === undefined ? {} : { key: label }),
      }),
    )
  })
})

test('whatever rows say is a selector, and reads as the same rows', () => {
  const joint = fc.constantFrom('and' as const, 'or' as const)
  fc.assert(
    fc.property(joint, fc.array(conditions, { minLength: 2, maxLength: 5 }), (by, rows) => {
      const text = selectorText({ joint: by, conditions: rows })
      expect(compileSelector(text)).toMatchObject({ ok: true })
      expect(selectorRows(text)).toEqual({ joint: by, conditions: rows })
    }),
  )
})
