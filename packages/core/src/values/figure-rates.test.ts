import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import { expect, test } from 'vitest'
import { partRates, ratePerSecond } from './figure-rates.ts'

test.each([
  ['a counter that rose', 100, 150, 5_000, 10],
  ['one that stands', 7, 7, 5_000, 0],
  ['one that began anew', 100, 20, 4_000, 5],
  ['what comes once a minute', 0, 1, 60_000, 0.02],
  ['no time at all', 0, 9, 0, 0],
  ['a clock that went back', 0, 9, -5, 0],
])('%s', (_, before, after, elapsedMs, rate) => {
  expect(ratePerSecond(before, after, elapsedMs)).toBe(rate)
})

const part = (part: FlowPartFigures['part'], name: string, figures: Partial<FlowPartFigures>): FlowPartFigures => ({
  part,
  name,
  in: 0,
  out: 0,
  dropped: 0,
  late: 0,
  bad: 0,
  queued: 0,
  ...figures,
})

test('each part has its own rates; a sink of the name of a step is another part, and a new part counts from zero', () => {
  const before = [part('step', 'mean', { in: 10, out: 5 }), part('sink', 'mean', { in: 5, dropped: 1 })]
  const after = [
    part('step', 'mean', { in: 30, out: 15, late: 2 }),
    part('sink', 'mean', { in: 15, dropped: 5, late: 1 }),
    part('sink', 'lamp', { in: 4 }),
  ]
  expect(partRates(before, after, 2_000)).toEqual([
    { inPerSecond: 10, outPerSecond: 5, lostPerSecond: 1 },
    { inPerSecond: 5, outPerSecond: 0, lostPerSecond: 2.5 },
    { inPerSecond: 2, outPerSecond: 0, lostPerSecond: 0 },
  ])
})
