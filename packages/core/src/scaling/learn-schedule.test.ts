import { type ScaleStep, Scaling } from '@skerry/contract/scaling/scaling'
import { expect, test } from 'vitest'
import { type LearnFacts, learnSchedule } from './learn-schedule.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Monday, 2 November 2026, at midnight UTC. */
const MONDAY_MS = Date.UTC(2026, 10, 2)

const policy = (more: object = {}) =>
  Scaling.parse({ min: 1, max: 10, target: { metric: 'concurrency', value: 2 }, ...more })

/** Steps to a number at the hours of days: `[day, hour, number]`. */
function course(changes: readonly (readonly [number, number, number])[]): ScaleStep[] {
  return changes.map(([day, hour, to], at) => ({
    atMs: MONDAY_MS + day * DAY_MS + hour * HOUR_MS,
    from: changes[at - 1]?.[2] ?? 1,
    to,
    code: 'load_rose',
    reason: 'a test',
  }))
}

/** A number on some days from 6 to 14 o'clock, and 1 otherwise. */
const shift = (days: readonly number[], number = 4) =>
  course([[0, 0, 1], ...days.flatMap((day) => [[day, 6, number] as const, [day, 14, 1] as const])])

const facts = (courses: readonly (readonly ScaleStep[])[], more: Partial<LearnFacts> = {}): LearnFacts => ({
  courses,
  fromMs: MONDAY_MS,
  nowMs: MONDAY_MS + 7 * DAY_MS,
  timeZone: 'UTC',
  isOpen: () => false,
  ...more,
})

test('a shift on working days becomes one window', () => {
  const { windows, schedule } = learnSchedule(policy(), facts([shift([0, 1, 2, 3, 4])]))
  expect(windows).toEqual([
    {
      window: { cron: '0 6 * * 1-5', timeZone: 'UTC', durationSeconds: 8 * 3_600, min: 4 },
      days: 'working',
      seenDays: 5,
      quieterDays: 0,
    },
  ])
  expect(schedule).toEqual([windows[0]?.window])
})

test('one quieter day of five is an exception, two are not', () => {
  const learn = (days: number[]) => learnSchedule(policy(), facts([shift(days)]))
  expect(learn([0, 1, 3, 4]).windows).toMatchObject([{ window: { min: 4 }, quieterDays: 1 }])
  expect(learn([0, 1, 3])).toMatchObject({ windows: [], nothing: 'no_rhythm' })
})

test('the same hours on all days are one window for every day', () => {
  const { windows } = learnSchedule(policy(), facts([shift([0, 1, 2, 3, 4, 5, 6])]))
  expect(windows).toMatchObject([{ window: { cron: '0 6 * * *' }, days: 'every', seenDays: 7 }])
})

test('hours are of the time zone', () => {
  const { windows } = learnSchedule(policy(), facts([shift([0, 1, 2, 3, 4])], { timeZone: 'Europe/Berlin' }))
  expect(windows).toMatchObject([{ window: { cron: '0 7 * * 1-5', timeZone: 'Europe/Berlin' } }])
})

test('a peak of less than half an hour asks for nothing', () => {
  const peaks = [0, 1, 2, 3, 4].flatMap((day) => [[day, 6, 9] as const, [day, 6.4, 1] as const])
  expect(learnSchedule(policy(), facts([course([[0, 0, 1], ...peaks])])).nothing).toBe('no_rhythm')
})

test('of several devices the median counts', () => {
  const all = [shift([0, 1, 2, 3, 4], 2), shift([0, 1, 2, 3, 4], 3), shift([0, 1, 2, 3, 4], 9)]
  expect(learnSchedule(policy(), facts(all)).windows).toMatchObject([{ window: { min: 3 } }])
})

test('hours of the present schedule tell nothing, and stay', () => {
  const known = { cron: '0 6 * * *', timeZone: 'UTC', durationSeconds: 8 * 3_600, min: 4 }
  const isOpen: LearnFacts['isOpen'] = (_, atMs) => {
    const hour = (atMs / HOUR_MS) % 24
    return hour >= 6 && hour < 14
  }
  const learnt = learnSchedule(policy({ schedule: [known] }), facts([shift([0, 1, 2, 3, 4])], { isOpen }))
  expect(learnt).toMatchObject({ windows: [], schedule: [known], nothing: 'no_rhythm' })
})

test('a window that the budget does not cover is left out', () => {
  // 24 hours of the minimum, and 3 more workers for 8 hours.
  const learn = (budgetHours: number) => learnSchedule(policy({ budgetHours }), facts([shift([0, 1, 2, 3, 4])]))
  expect(learn(48).windows).toHaveLength(1)
  expect(learn(47)).toMatchObject({ windows: [], nothing: 'over_budget' })
})

test('a full schedule has no room for another window', () => {
  const entry = { cron: '0 3 1 1 *', timeZone: 'UTC', durationSeconds: 60, min: 2 }
  const schedule = Array.from({ length: 32 }, () => entry)
  expect(learnSchedule(policy({ schedule }), facts([shift([0, 1, 2, 3, 4])])).nothing).toBe('schedule_full')
})

test('without steps or days there is nothing to learn', () => {
  expect(learnSchedule(policy(), facts([[], []])).nothing).toBe('no_steps')
  expect(learnSchedule(policy(), facts([shift([0])], { nowMs: MONDAY_MS + 2 * DAY_MS })).nothing).toBe('few_days')
})
