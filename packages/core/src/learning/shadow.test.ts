import { expect, test } from 'vitest'
import { judgeShadow, type ShadowPoint, shadowAlarms, shadowOf } from './shadow.ts'

/** A point each second. `.` is under the threshold, a digit above it by so much, and `-` has no whole window. */
const points = (line: string): ShadowPoint[] =>
  Array.from(line, (mark, at) => {
    if (mark === '-') return { atMs: at * 1_000 }
    return mark === '.'
      ? { atMs: at * 1_000, score: 0.5, tag: 'a' }
      : { atMs: at * 1_000, score: 1 + Number(mark), tag: `t${mark}` }
  })

test('two of three windows over the threshold are an alarm, with its time, its highest score and the tag of that', () => {
  expect(shadowAlarms(points('....253...4.'))).toEqual([{ atMs: 5_000, endedAtMs: 7_000, tag: 't5', score: 6 }])
})

test('a single window is no alarm, and two alarms apart are two', () => {
  expect(shadowAlarms(points('...9...9...'))).toEqual([])
  expect(shadowAlarms(points('.11....11..')).map(({ atMs }) => atMs)).toEqual([2_000, 8_000])
})

test('missing windows neither raise an alarm nor end one that they could carry on', () => {
  expect(shadowAlarms(points('.1--.1--1...'))).toEqual([])
  expect(shadowAlarms(points('..11-1......'))).toHaveLength(1)
  expect(shadowAlarms(points('----'))).toEqual([])
})

test('the figures count judged windows and all alarms, and keep the first ones', () => {
  const shadow = shadowOf(points('--..11.....'.repeat(80)), { rows: 880, rowsWanted: 1_000 })
  expect(shadow).toMatchObject({ rows: 880, rowsWanted: 1_000, windows: 720, alarms: 80 })
  expect(shadow.first).toHaveLength(50)
})

const SPEC = { falseAlarmDays: 7, everyMs: 10_000, samples: 16 }
const DAY = { rows: 8_640, rowsWanted: 8_640, windows: 8_625, first: [] }

test('a shadow of a day keeps the promise of one alarm in a week only without an alarm', () => {
  expect(judgeShadow({ ...DAY, alarms: 0 }, SPEC)).toEqual({
    kind: 'keeps',
    message: 'the shadow raised 0 alarms in 24 hours; the promise is at most one in 7 days',
  })
  const broken = judgeShadow({ ...DAY, alarms: 1 }, SPEC)
  expect(broken.kind).toBe('breaks')
  expect(broken.message).toContain('a detector that keeps it raises so many with a chance of 13 %')
})

test('a longer shadow may have the alarms that the promise allows', () => {
  const week = { ...DAY, rows: 60_480, windows: 60_000 }
  expect(judgeShadow({ ...week, alarms: 1 }, SPEC).kind).toBe('keeps')
  expect(judgeShadow({ ...week, alarms: 2 }, SPEC).kind).toBe('breaks')
  expect(judgeShadow({ ...DAY, alarms: 1 }, { ...SPEC, falseAlarmDays: 1 }).message).toContain('one in 1 day')
})

test('a shadow that could judge few of its rows decides nothing', () => {
  expect(judgeShadow({ ...DAY, windows: 4_000, alarms: 0 }, SPEC)).toEqual({
    kind: 'unknown',
    message: 'the shadow could judge only 4000 windows of 8640 rows',
  })
  expect(judgeShadow({ ...DAY, rows: 60, windows: 45, alarms: 0 }, { ...SPEC, everyMs: 1_000 }).message).toContain(
    'in 60 seconds',
  )
})
