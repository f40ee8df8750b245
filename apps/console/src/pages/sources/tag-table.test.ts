import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvOf, tagRowsOf } from './tag-rows.ts'
import { readTagTable } from './tag-table.ts'

test('tags come in their groups, with numbers, flags and objects as such', () => {
  const text = [
    'group,everyMs,name,address,scale,expect,unit',
    'fast,200,pressure,holding:101,0.1,"{""min"":0,""max"":400}",bar',
    'fast,200,alarm,coil:11,,,',
    'slow,60000,"load",holding:9,,,%',
    '',
  ].join('\r\n')
  expect(readTagTable(text)).toEqual({
    ok: true,
    groups: [
      {
        ...{ name: 'fast', everyMs: 200 },
        tags: [
          { name: 'pressure', address: 'holding:101', scale: 0.1, expect: { min: 0, max: 400 }, unit: 'bar' },
          { name: 'alarm', address: 'coil:11' },
        ],
      },
      { name: 'slow', everyMs: 60_000, tags: [{ name: 'load', address: 'holding:9', unit: '%' }] },
    ],
  })
})

test('a spreadsheet that separates by semicolons is read as well, and the mark that some put in front', () => {
  expect(readTagTable('\uFEFFgroup;everyMs;name\ng;1000;a\n')).toMatchObject({
    ok: true,
    groups: [{ tags: [{ name: 'a' }] }],
  })
})

test.each([
  ['a column that is missing', 'group,name\ng,a', { line: 1, message: 'columns' }],
  ['a quote that never ends', 'group,everyMs,name\ng,1,"a', { line: 2, message: 'quotes' }],
  ['a line that is too short', 'group,everyMs,name\ng,1,a\ng,1', { line: 3, message: 'cells' }],
  ['a group of two rates', 'group,everyMs,name\ng,1,a\ng,2,b', { line: 3, message: 'rates' }],
])('%s is said with its line', (_, text, flaw) => {
  expect(readTagTable(text)).toEqual({ ok: false, ...flaw })
})

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
const tag = fc.record(
  {
    name,
    address: fc.constantFrom(
      'holding:101',
      '=SUM(A1)',
      'a "quoted", one',
      'x\ny',
      '+49',
      "it's",
      "'quoted",
      '40001',
      'true',
      '[1',
      ';',
    ),
    scale: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    verify: fc.boolean(),
    write: fc.record({ min: fc.integer(), max: fc.integer() }),
  },
  { requiredKeys: ['name', 'address'] },
)
const groups = fc.uniqueArray(
  fc.record({
    name,
    everyMs: fc.integer({ min: 10, max: 9_000 }),
    tags: fc.array(tag, { minLength: 1, maxLength: 5 }),
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 4 },
)

test('what was taken along as CSV comes back as it was', () => {
  fc.assert(
    fc.property(groups, (given) => {
      const spec = JSON.parse(JSON.stringify({ name: 'x', groups: given }))
      expect(readTagTable(csvOf(tagRowsOf(spec)))).toEqual({ ok: true, groups: spec.groups })
    }),
  )
})
