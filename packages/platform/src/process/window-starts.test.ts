import { expect, test } from 'vitest'
import { windowProblem, windowStart } from './window-starts.ts'

const window = (cron: string, timeZone = 'Europe/Berlin') => ({ cron, timeZone, durationSeconds: 3_600 })
const startsOf = (cron: string, after: string, count = 3) => {
  const starts: string[] = []
  for (let atMs = Date.parse(after); starts.length < count; ) {
    const start = windowStart(window(cron), atMs)
    if (!start.ok || start.atMs === undefined) break
    atMs = start.atMs
    starts.push(new Date(atMs).toISOString())
  }
  return starts
}

test('a time that the clock skips is the first that there is', () => {
  // [Europe/Berlin] 2026-03-29 02:00 is 03:00.
  expect(startsOf('30 2 * * *', '2026-03-28T00:00:00Z')).toEqual([
    '2026-03-28T01:30:00.000Z',
    '2026-03-29T01:00:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ])
})

test('a time that comes twice counts once', () => {
  // [Europe/Berlin] 2026-10-25 03:00 is 02:00.
  expect(startsOf('30 2 * * *', '2026-10-24T00:00:00Z')).toEqual([
    '2026-10-24T00:30:00.000Z',
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ])
})

test('a start is after the time that is asked for, never at it', () => {
  const atMs = Date.parse('2026-11-26T01:00:00Z')
  expect(windowStart(window('0 2 * * *'), atMs - 1)).toEqual({ ok: true, atMs })
  expect(windowStart(window('0 2 * * *'), atMs)).toEqual({ ok: true, atMs: atMs + 86_400_000 })
})

test.each([
  ['0 2 * * *', 'Europe/Berlin', undefined],
  ['*/5 22-23 1-7 * SUN', 'America/St_Johns', undefined],
  ['0 2 * * *', 'Mars/Base', 'there is no time zone Mars/Base'],
  ['60 2 * * *', 'UTC', /minute/],
  ['0 0 30 2 *', 'UTC', '0 0 30 2 * names a day that never comes'],
  ['0 0 29 2 *', 'UTC', undefined],
])('%s in %s', (cron, timeZone, problem) => {
  const found = windowProblem(window(cron, timeZone))
  if (problem instanceof RegExp) expect(found).toMatch(problem)
  else expect(found).toBe(problem)
})

test('a zone that this machine does not know is no reason to throw', () => {
  expect(windowStart(window('0 2 * * *', 'Mars/Base'), 0)).toMatchObject({ ok: false })
})
