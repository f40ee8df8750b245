/** False alarms: months of five-minute windows of a feature that does not change, also of tags that change slowly. */
import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { countsOf } from '../bins.ts'
import { profileOf } from '../profile.ts'
import { type CountedWindow, verdictOf } from '../verdict.ts'

const MONTH_WINDOWS = 8_640
const WINDOW_MS = 300_000
const limits = MonitorSpec.parse({ model: 'm' })

/** [Park, Miller 1988; Box, Muller 1958] */
function normals(seed: number): () => number {
  let state = seed
  const next = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}

/** One value a second. After `seconds`, a value and a later one correlate by 1/e; 0: they have nothing in common. */
function slowly(seconds: number, normal: () => number): () => number {
  const kept = seconds === 0 ? 0 : Math.exp(-1 / seconds)
  let value = normal()
  return () => {
    value = kept * value + Math.sqrt(1 - kept * kept) * normal()
    return value
  }
}

type Month = { next: () => number; referenceRows: number; windowRows: number; windows: number }

/** The verdicts of a month that alert, and those that warn. */
function falseAlarms({ next, referenceRows, windowRows, windows }: Month): { alerts: number; warnings: number } {
  const values = (count: number) => Array.from({ length: count }, next)
  const reference = profileOf({ feature: 'x', side: 'input', tensor: 'x' }, values(referenceRows))
  const profile: ReferenceProfile = {
    v: 1,
    model: 'm',
    version: 1,
    origin: 'data-set',
    rows: referenceRows,
    features: [reference],
    left: 0,
  }
  const counted: CountedWindow[] = []
  const found = { alerts: 0, warnings: 0 }
  for (let at = 0; at < MONTH_WINDOWS; at++) {
    const [startMs, rows] = [at * WINDOW_MS, windowRows]
    const features = [countsOf(reference.edges, values(windowRows))]
    counted.push({ windows: 1, startMs, endMs: startMs + WINDOW_MS, rows, counted: rows, features })
    if (counted.length > windows) counted.shift()
    if (counted.length < windows) continue
    const state = verdictOf(profile, counted, limits).features[0]?.state
    if (state === 'alert') found.alerts++
    if (state === 'warn') found.warnings++
  }
  return found
}

test('a feature that does not change gives no alert in a month, with as few rows as a verdict needs', () => {
  const month = { next: normals(7), referenceRows: 5_000, windowRows: 170, windows: 3 }
  expect(falseAlarms(month)).toEqual({ alerts: 0, warnings: 0 })
})

test('a tag that changes within a minute needs four hours: in 15 minutes, a third of the verdicts are false', () => {
  const tag = { referenceRows: 7 * 86_400, windowRows: 300 }
  const short = falseAlarms({ ...tag, next: slowly(60, normals(7)), windows: 3 })
  expect(short.alerts).toBeGreaterThan(MONTH_WINDOWS / 4)
  expect(falseAlarms({ ...tag, next: slowly(60, normals(7)), windows: 48 }).alerts).toBe(0)
})

test(
  'thirty months of a feature have no alert, and at most three of them a warning',
  deep('thirty months of windows; one month is in the quick tier'),
  () => {
    const months = Array.from({ length: 30 }, (_, at) =>
      falseAlarms({ next: normals(at * 7_919 + 11), referenceRows: 5_000, windowRows: 170, windows: 3 }),
    )
    expect(months.filter(({ alerts }) => alerts > 0)).toEqual([])
    expect(months.filter(({ warnings }) => warnings > 0).length).toBeLessThanOrEqual(3)
  },
)

test.each([
  { seconds: 1, windows: 3 },
  { seconds: 30, windows: 48 },
  { seconds: 300, windows: 288 },
])(
  'a tag gives no alert in a month if the compared time is more than 240 times that in which it changes: $seconds s',
  deep('a month of values at one a second; one such tag is in the quick tier'),
  ({ seconds, windows }) => {
    const next = slowly(seconds, normals(7))
    expect(falseAlarms({ next, referenceRows: 7 * 86_400, windowRows: 300, windows }).alerts).toBe(0)
  },
)
