import { expect, test } from 'vitest'
import { type LookupStep, readTable, TABLE_ROWS_MAX } from './lookup-table.ts'

const step = (more: Partial<LookupStep> = {}) => ({ file: 'limits.csv', gives: 'number' as const, ...more })
const json = (more: Partial<LookupStep> = {}) => step({ file: 'limits.json', ...more })

test('a CSV file gives its second column by its first, or the named columns', () => {
  const text = '\uFEFFcode,limit,name\r\n7,1.5,"pump, large"\r\n8,-2e3,fan\r\n'
  const read = (more?: Partial<LookupStep>) => readTable(step(more), text)
  expect(read()).toEqual({ ok: true, table: new Map(Object.entries({ 7: 1.5, 8: -2_000 })) })
  expect(read({ key: 'name', value: 'code', gives: 'text' })).toEqual({
    ok: true,
    table: new Map([
      ['pump, large', '7'],
      ['fan', '8'],
    ]),
  })
})

test('a JSON file gives the fields of an object, one field of each, or two fields of each row', () => {
  const table = new Map([['a', 1]])
  expect(readTable(json(), '{"a": 1}')).toEqual({ ok: true, table })
  expect(readTable(json({ value: 'limit' }), '{"a": {"limit": 1}}')).toEqual({ ok: true, table })
  expect(readTable(json({ key: 'code', value: 'limit' }), '[{"code": "a", "limit": 1}]')).toEqual({ ok: true, table })
  expect(readTable(json({ gives: 'text' }), '{"__proto__": "x"}')).toEqual({
    ok: true,
    table: new Map([['__proto__', 'x']]),
  })
})

test.each<[string, Partial<LookupStep>, string, string]>([
  [
    'an unknown column',
    { value: 'limits' },
    'code,limit\n7,1\n',
    'it has no column limits; its columns are code, limit',
  ],
  ['one column only', {}, 'code\n7\n', 'it has no column 2'],
  ['an empty file', {}, '', 'it has no column 1'],
  ['a value that is no number', {}, 'code,limit\n7,high\n', 'the value of the key 7 is no number'],
  ['an empty cell', {}, 'code,limit\n7,\n', 'the value of the key 7 is no number'],
  ['a key twice', {}, 'code,limit\n7,1\n7,2\n', 'the key 7 is there twice'],
  ['an open quote', {}, 'code,limit\n"7,1\n', 'line 2 has a quote'],
  ['no JSON', { file: 'a.json' }, '{', 'it is no JSON'],
  ['a bare number', { file: 'a.json' }, '5', 'neither an object nor a list'],
  ['a list without names', { file: 'a.json' }, '[{"a": 1}]', 'name its fields'],
  ['a row without the field', { file: 'a.json', key: 'a', value: 'b' }, '[{"a": 1}]', 'row 1 has no field b'],
  ['an inherited field', { file: 'a.json', value: 'toString' }, '{"a": {}}', 'a has no field toString'],
])('a table with %s is rejected, with the reason', (_, more, text, words) => {
  expect(readTable(step(more), text)).toEqual({ ok: false, message: expect.stringContaining(words) })
})

test('a table has a limited number of rows', () => {
  const text = (rows: number) => `code,limit\n${Array.from({ length: rows }, (_, at) => `${at},1\n`).join('')}`
  expect(readTable(step(), text(TABLE_ROWS_MAX))).toMatchObject({ ok: true })
  expect(readTable(step(), text(TABLE_ROWS_MAX + 1))).toMatchObject({ ok: false })
})
