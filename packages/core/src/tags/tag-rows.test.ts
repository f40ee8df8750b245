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

test('tags stand in the order of the source, with their group, their rate and where the equipment has them', () => {
  expect(tagRowsOf(spec)).toMatchObject([
    { name: 'pressure', group: 'process', everyMs: 1_000, where: 'holding:101', unit: 'bar', write: undefined },
    { name: 'alarm', where: 'coil:11', write: { perMinute: 10 } },
    { name: 'load', group: 'slow', where: 'sine' },
  ])
})

test('a source of a shape that is not known has no rows, and breaks nothing', () => {
  for (const groups of [undefined, 'none', [{ name: 'x' }], [{ name: 'x', tags: [1] }]])
    expect(tagRowsOf({ name: 'x', groups })).toEqual([])
})

test('as CSV it has a column for whatever any tag says, quoted where it must be', () => {
  expect(csvOf(tagRowsOf(spec)).split('\r\n')).toEqual([
    'group,everyMs,name,unit,address,expect,write,signal',
    'process,1000,pressure,bar,holding:101,"{""min"":0,""max"":400}",,',
    'process,1000,alarm,,coil:11,,"{""perMinute"":10}",',
    'slow,60000,load,,,,,"{""kind"":""sine"",""mean"":1}"',
    '',
  ])
})

test('what a spreadsheet would take for a formula is given as text; a number below zero stays one', () => {
  const tags = [{ name: 'a', address: '=HYPERLINK("x")', offset: -4, unit: '-x' }]
  const [, line] = csvOf(tagRowsOf({ name: 's', groups: [{ name: 'g', tags }] })).split('\r\n')
  expect(line).toBe(`g,,a,'-x,"'=HYPERLINK(""x"")",-4`)
})
