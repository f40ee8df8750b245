import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvOf, tagRowsOf } from './tag-rows.ts'
import { readTagTable, withTableGroups } from './tag-table.ts'

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
        name: 'fast',
        everyMs: 200,
        tags: [
          { name: 'pressure', address: 'holding:101', scale: 0.1, expect: { min: 0, max: 400 }, unit: 'bar' },
          { name: 'alarm', address: 'coil:11' },
        ],
        lines: [2, 3],
      },
      { name: 'slow', everyMs: 60_000, tags: [{ name: 'load', address: 'holding:9', unit: '%' }], lines: [4] },
    ],
  })
})

test('a spreadsheet that separates by semicolons is read as well, and the mark that some put in front', () => {
  expect(readTagTable('\uFEFFgroup;everyMs;name\ng;1000;a\n')).toMatchObject({
    ok: true,
    groups: [{ tags: [{ name: 'a' }] }],
  })
})

test('a last line that ends with an empty cell, and without an end of line, is a tag all the same', () => {
  expect(readTagTable('group,everyMs,name,unit\ng,1000,a,')).toMatchObject({ ok: true, groups: [{ lines: [2] }] })
})

test('what else a source says of a group stays; a rate that the table leaves out does, too', () => {
  const table = readTagTable('group,everyMs,name,path\norders,,rate,order.rate\nnew,500,x,y')
  const groups = [{ name: 'orders', everyMs: 2_000, url: 'http://mes/orders', tags: [{ name: 'old', path: 'z' }] }]
  expect(table.ok && withTableGroups(groups, table.groups)).toEqual([
    { name: 'orders', everyMs: 2_000, url: 'http://mes/orders', tags: [{ name: 'rate', path: 'order.rate' }] },
    { name: 'new', everyMs: 500, tags: [{ name: 'x', path: 'y' }] },
  ])
  expect(table.ok && withTableGroups('none', table.groups)).toMatchObject([{ name: 'orders' }, { name: 'new' }])
})

test.each([
  ['a column that is missing', 'group,name\ng,a', { line: 1, column: 'everyMs', message: 'missing' }],
  ['nothing at all', '', { line: 1, column: 'group', message: 'missing' }],
  ['a column that stands twice', 'group,everyMs,name,unit,unit\n', { line: 1, column: 'unit', message: 'repeated' }],
  ['a quote that never ends', 'group,everyMs,name\ng,1,"a', { line: 2, column: 'name', message: 'quotes' }],
  ['a quote within a head', 'group,"every"Ms,name\ng,1,a', { line: 1, column: '2', message: 'quotes' }],
  ['a line that is too short', 'group,everyMs,name\ng,1,a\ng,1', { line: 3, column: 'name', message: 'short' }],
  ['a line that is too long', 'group,everyMs,name\ng,1,a,b', { line: 2, column: '4', message: 'long' }],
  ['a tag without a name', 'group,everyMs,name,unit\ng,1,,bar', { line: 2, column: 'name', message: 'empty' }],
  ['a tag without a group', 'group,everyMs,name\n,1,a', { line: 2, column: 'group', message: 'empty' }],
  ['a group of two rates', 'group,everyMs,name\ng,1,a\ng,2,b', { line: 3, column: 'everyMs', message: 'rates' }],
  ['a name twice', 'group,everyMs,name\ng,1,"a"\nh,2,a', { line: 3, column: 'name', message: 'twice' }],
])('%s is said with its line and column', (_, text, flaw) => {
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
      '',
    ),
    scale: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    verify: fc.boolean(),
    write: fc.record({ min: fc.integer(), max: fc.integer() }),
  },
  { requiredKeys: ['name', 'address'] },
)
const groups = fc
  .uniqueArray(
    fc.record({
      name,
      everyMs: fc.integer({ min: 10, max: 9_000 }),
      tags: fc.array(tag, { minLength: 1, maxLength: 5 }),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 4 },
  )
  .map((given) =>
    given.map((group, at) => ({
      ...group,
      tags: group.tags.map((tag, index) => ({ ...tag, name: `${tag.name}_${at}_${index}` })),
    })),
  )

test('what was taken along as CSV comes back as it was', () => {
  fc.assert(
    fc.property(groups, (given) => {
      const spec = JSON.parse(JSON.stringify({ name: 'x', groups: given }))
      const table = readTagTable(csvOf(tagRowsOf(spec)))
      expect(table.ok && withTableGroups([], table.groups)).toEqual(spec.groups)
    }),
  )
})
