import { Flow } from '@skerry/contract/flows/flow'
import { expect, test } from 'vitest'
import { carriedOver } from './carry-over.ts'
import { goldenDifferences } from './tensors/golden-difference.ts'
import { gridAfter, gridFrom } from './tensors/grid.ts'

const flowOf = (samples: number, above: number) =>
  Flow.parse({
    name: 'watch',
    inputs: [{ name: 'a', source: 's', tag: 'a' }],
    steps: [
      { name: 'window', kind: 'window', by: 'count', from: 'a', samples },
      { name: 'mean', kind: 'statistics', from: 'window', of: ['mean'] },
      { name: 'high', kind: 'threshold', from: 'mean', above },
    ],
    sinks: [{ name: 'out', kind: 'hub', from: 'high' }],
  })

test('what is changed begins anew, with everything that is made of it; what stands before it goes on', () => {
  expect([...carriedOver(flowOf(10, 1), flowOf(10, 2))]).toEqual(['a', 'window', 'mean'])
  expect([...carriedOver(flowOf(10, 1), flowOf(11, 1))]).toEqual(['a'])
  expect(carriedOver(flowOf(10, 1), flowOf(10, 1)).size).toBe(4)
})

test('outputs are compared sink by sink, within the tolerance', () => {
  const output = (sink: string, timeMs: number, value: number) => ({ sink, timeMs, quality: 'good' as const, value })
  const golden = {
    tolerance: { absolute: 0.1, relative: 0 },
    outputs: [output('a', 1, 1), output('b', 1, 2), output('a', 2, 3)],
  }
  expect(goldenDifferences(golden, [output('b', 1, 2.05), output('a', 1, 1), output('a', 2, 3)])).toEqual([])
  expect(
    goldenDifferences(golden, [output('a', 1, 1), output('a', 2, 4), output('b', 1, 2), output('b', 2, 9)]),
  ).toMatchObject([
    { sink: 'a', place: 1, expected: { value: 3 }, given: { value: 4 } },
    { sink: 'b', place: 1, expected: undefined, given: { value: 9 } },
  ])
})

test('a grid is the same everywhere', () => {
  expect([gridFrom(0, 10), gridFrom(1, 10), gridFrom(10, 10)]).toEqual([0, 10, 10])
  expect([gridAfter(0, 10), gridAfter(9, 10), gridAfter(10, 10)]).toEqual([10, 10, 20])
})
