import { expect, test } from 'vitest'
import { csvOf, tagRowsOf } from './tag-rows.ts'

const spec = {
  name: 'press-7',
  protocol: 'modbus',
  groups: [
    {
      name: 'process',
      everyMs: 1_000,
      tags: [
        { name: 'pressure', address: 'holding:101', unit: 'bar', expect: { min: 0, max: 400 } },
        { name: 'alarm', address: 'coil:11', write: { perMinute: 10 } },
      ],
    },
    { name: 'slow', everyMs: 60_000, tags: [{ name: 'load', signal: { kind: 'sine', mean: 1 } }] },
  ],
}

test('tags are listed in source order, with group, rate and address', () => {
  expect(tagRowsOf(spec)).toMatchObject([
    { name: 'pressure', group: 'process', everyMs: 1_000, where: 'holding:101', unit: 'bar', write: undefined },
    { name: 'alarm', where: 'coil:11', write: { perMinute: 10 } },
    { name: 'load', group: 'slow', where: 'sine' },
  ])
})

test('a source with an unknown shape has no tag rows', () => {
  for (const groups of [undefined, 'none', [{ name: 'x' }], [{ name: 'x', tags: [1] }]])
    expect(tagRowsOf({ name: 'x', groups })).toEqual([])
})

test('a CSV table has a column for each tag field, and quotes cells if necessary', () => {
  expect(csvOf(tagRowsOf(spec)).split('\r\n')).toEqual([
    'group,everyMs,name,unit,address,expect,write,signal',
    'process,1000,pressure,bar,holding:101,"{""min"":0,""max"":400}",,',
    'process,1000,alarm,,coil:11,,"{""perMinute"":10}",',
    'slow,60000,load,,,,,"{""kind"":""sine"",""mean"":1}"',
    '',
  ])
})

test('a cell that looks like a formula is exported as text, and a negative number stays a number', () => {
  const tags = [{ name: 'a', address: '=HYPERLINK("x")', offset: -4, unit: '-x' }]
  const [, line] = csvOf(tagRowsOf({ name: 's', groups: [{ name: 'g', tags }] })).split('\r\n')
  expect(line).toBe(`g,,a,'-x,"'=HYPERLINK(""x"")",-4`)
})
