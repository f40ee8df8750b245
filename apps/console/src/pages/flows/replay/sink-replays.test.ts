import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { expect, test } from 'vitest'
import { sinkReplays, spanOf } from './sink-replays.ts'

const told = (sink: string, timeMs: number, value: number | string): FlowOutput => ({
  sink,
  timeMs,
  quality: 'good',
  value,
})
const bad = (sink: string, timeMs: number): FlowOutput => ({
  sink,
  timeMs,
  quality: 'bad',
  cause: { code: 'stale', message: 'old' },
})
const sinks = ['level', 'words', 'silent'].map((name) => ({ name, kind: 'hub', from: name }) as const)
const replaysOf = (outputs: readonly FlowOutput[]) => {
  const queue = { max: 1, drop: 'oldest' } as const
  return sinkReplays({ sinks: sinks.map((sink) => ({ ...sink, onChange: false, queue })) }, outputs, spanOf(outputs))
}

test('each sink has its counts and numbers, also one that was told nothing, or no number', () => {
  const [level, words, silent] = replaysOf([
    told('level', 1_000, 4),
    told('level', 1_000, 6),
    told('words', 1_500, 'a'),
    bad('level', 25_000),
  ])
  expect(level).toMatchObject({ outputs: 3, bad: 1, uncertain: 0 })
  expect(level?.points).toEqual([
    { atMs: 1_000, count: 2, bad: 0, min: 4, mean: 5, max: 6 },
    { atMs: 25_000 - (24_000 % 101), count: 1, bad: 1 },
  ])
  expect(words?.points).toEqual([{ atMs: 1_000 + 4 * 101, count: 1, bad: 0 }])
  expect(silent).toEqual({ sink: 'silent', outputs: 0, bad: 0, uncertain: 0, shown: [], points: [] })
})

test('every output is in the time of the chart, also where there is one, or none', () => {
  for (const times of [[], [7], [7, 8], [0, 1_000_000_007]]) {
    const { fromMs, toMs, partMs } = spanOf(times.map((timeMs) => told('level', timeMs, 1)))
    expect(Number.isInteger(partMs) && partMs >= 1).toBe(true)
    expect(times.every((timeMs) => timeMs >= fromMs && timeMs < toMs)).toBe(true)
  }
})
