import type { RangesReport } from '@skerry/contract/builds/device-ranges'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundOf, joinRanges, rangesBy, readRangesReport } from './device-ranges.ts'

type Bounds = RangesReport['ranges'][string]
const three = (low: number, high: number): Bounds => [
  [low, high],
  [low / 2, high / 2],
  [low / 4, high / 4],
]
const report = (ranges: RangesReport['ranges'], rows = 10): RangesReport => ({
  agent: '0.1.0',
  rows,
  leftOut: 0,
  ranges,
})

test('the widest range of all devices counts, and their rows are added', () => {
  const joined = joinRanges([report({ x: three(-4, 8), only: three(0, 1) }), report({ x: three(-8, 4) }, 20)])
  expect(joined).toEqual({
    rows: 30,
    devices: 2,
    ranges: { only: three(0, 1), x: three(-8, 8) },
  })
  expect(joined && rangesBy('percentile', joined).get('x')).toEqual({ min: -4, max: 4 })
  expect(joined && rangesBy('entropy', joined).get('x')).toEqual({ min: -2, max: 2 })
  expect(joinRanges([])).toBeUndefined()
})

test('the order of the devices changes nothing', () => {
  const any = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 5 }),
    fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true, noDefaultInfinity: true })),
    { maxKeys: 4 },
  )
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), (all) => {
      const reports = all.map((one) =>
        report(
          Object.fromEntries(
            Object.entries(one).map(([name, [a, b]]) => [name, three(Math.min(a, b), Math.max(a, b))]),
          ),
        ),
      )
      expect(joinRanges(reports.toReversed())).toEqual(joinRanges(reports))
    }),
  )
})

test('a bound comes back as the float32 that it was', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Math.fround(boundOf(value)) + 0).toBe(Math.fround(value) + 0)
    }),
  )
})

const said = (change: object = {}) => JSON.stringify({ ...report({ x: three(-1, 1) }), ...change })

test('a report with ranges is read', () => {
  expect(readRangesReport(said(), { rows: 10 })).toEqual({ ok: true, report: report({ x: three(-1, 1) }) })
})

test.each([
  ['text', 'wide'],
  ['nothing', undefined],
  ['no ranges', said({ ranges: {} })],
  ['more rows than the command allows', said({ rows: 11 })],
  ['too few rows', said({ rows: 7 })],
  ['rows beside the ranges', said({ cases: [{ inputs: {} }] })],
  [
    'bounds that are no numbers',
    said({
      ranges: {
        x: [
          [null, 1],
          [0, 1],
          [0, 1],
        ],
      },
    }),
  ],
  [
    'bounds in the wrong order',
    said({
      ranges: {
        x: [
          [1, 0],
          [0, 1],
          [0, 1],
        ],
      },
    }),
  ],
  ['a single method', said({ ranges: { x: [[0, 1]] } })],
])('a report with %s is rejected', (_what, output) => {
  expect(readRangesReport(output, { rows: 10 })).toMatchObject({ ok: false, message: expect.any(String) })
})
