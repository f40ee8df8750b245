import type { TagReading } from '@skerry/contract/device-command'
import { expect, test } from 'vitest'
import { afterAnswer, ageOf, ageText, contentText, leftOut, liveRows, turnsOf } from './live-rows.ts'

const reading = (tag: string, value: number, receivedTimeMs: number): TagReading => ({
  value: { tag, quality: 'good', value, receivedTimeMs },
})
const names = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`)

test('a source whose tags fit into one answer is asked for all of them; what a filter leaves is asked for by name', () => {
  expect(turnsOf(names(1_000), 1_000)).toEqual([undefined])
  expect(turnsOf(['t7'], 1_000)).toEqual([['t7']])
  expect(turnsOf([], 5)).toEqual([])
})

test('more tags than fit into one answer are asked for in turn, ten times as many at most', () => {
  expect(turnsOf(names(2_500), 2_500).map((turn) => turn?.length)).toEqual([1_000, 1_000, 500])
  expect(turnsOf(names(30_000), 30_000)).toHaveLength(10)
  expect([leftOut(10_000), leftOut(30_000)]).toEqual([0, 20_000])
})

test('an answer on some leaves what is known of the others, and forgets what it does not name', () => {
  const all = { tags: undefined, readings: [reading('a', 1, 900), reading('b', 2, 900)], atMs: 1_000, heardAtMs: 50 }
  const first = afterAnswer(new Map(), all)
  const second = afterAnswer(first, { ...all, tags: ['b', 'c'], readings: [reading('c', 3, 990)] })
  expect([...second.keys()]).toEqual(['a', 'c'])
  expect(second.get('c')?.ageMs).toBe(10)
  expect([...afterAnswer(second, { ...all, readings: [] }).keys()]).toEqual([])
})

test('a value ages by the clock of the page from when it came, and a clock that is ahead makes none younger than new', () => {
  const heard = { reading: reading('a', 1, 900), ageMs: 100, heardAtMs: 5_000 }
  expect([ageOf(heard, 7_000), ageOf(heard, 4_000)]).toEqual([2_100, 100])
  const ahead = { tags: undefined, readings: [reading('a', 1, 9_000)], atMs: 1_000, heardAtMs: 0 }
  expect(afterAnswer(new Map(), ahead).get('a')?.ageMs).toBe(0)
})

test('each tag of the source has a row, also those of which nothing is known', () => {
  const tag = { name: 'a', group: 'g', everyMs: 100, unit: undefined, where: '', write: undefined, all: {} }
  const [row] = liveRows([tag], new Map())
  expect(row).toMatchObject({ name: 'a', heard: undefined })
})

test.each([
  [0, '0.0 s'],
  [9_990, '9.9 s'],
  [59_999, '59 s'],
  [61_000, '1 min'],
  [7_200_000, '2 h'],
  [200_000_000, '2 d'],
])('%i ms old is %s', (ms, text) => expect(ageText(ms)).toBe(text))

test('values are told as they are, and numbers with the digits that mean something', () => {
  expect([61.200000762939453, 1_234_567_890_123, true, 'on', [1, 2]].map(contentText)).toEqual([
    '61.200001',
    '1234567890123',
    'true',
    'on',
    '[1,2]',
  ])
})
