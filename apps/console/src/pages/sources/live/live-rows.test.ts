import type { TagReading } from '@skerry/contract/devices/device-command'
import { expect, test } from 'vitest'
import { afterAnswer, ageOf, answerOf, contentText, leftOut, liveRows, turnsOf } from './live-rows.ts'

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

test('a look at a source is an answer on all that was asked for, by the clock of the device', () => {
  const counts = { rounds: 0, overruns: 0, lastRoundMs: 0, told: 0, untold: 0, good: 0, uncertain: 0, bad: 0 }
  const told = { group: 'g', told: 1, bad: 0 }
  const tags = [
    { name: 'a', unit: 'bar', value: reading('a', 1, 900).value, ...told },
    { name: 'b', ...told },
  ]
  const look = {
    kind: 'source' as const,
    name: 's',
    protocol: 'modbus',
    atMs: 1_000,
    state: 'up' as const,
    sinceMs: 0,
    omittedCount: 0,
    connection: { connects: 1, troubles: 0, crashes: 0, lost: 0, valuesPerSecond: 1 },
    groups: [{ name: 'g', everyMs: 100, tags: 2, ...counts }],
    tags,
  }
  const answer = answerOf(look, 50)
  expect(answer).toMatchObject({ tags: undefined, atMs: 1_000, heardAtMs: 50, readings: [{ unit: 'bar' }] })
  expect(afterAnswer(new Map(), answer).get('a')?.ageMs).toBe(100)
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

test('values are told as they are, and numbers with the digits that mean something', () => {
  expect([61.200000762939453, 1_234_567_890_123, true, 'on', [1, 2]].map(contentText)).toEqual([
    '61.200001',
    '1234567890123',
    'true',
    'on',
    '[1,2]',
  ])
})
