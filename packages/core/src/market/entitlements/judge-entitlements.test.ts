import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entitlementNotice, entitlementProblem, entitlementState, warningDays } from './judge-entitlements.ts'

const DAY_MS = 86_400_000
const END_MS = 1_000 * DAY_MS
const term = { untilMs: END_MS, graceDays: 10 }

test.each([
  [31, 'valid', undefined],
  [30, 'ending', 30],
  [8, 'ending', 30],
  [7, 'ending', 7],
  [2, 'ending', 7],
  [1, 'ending', 1],
  [0, 'grace', undefined],
  [-9, 'grace', undefined],
  [-10, 'ended', undefined],
] as const)('%i days before its end an entitlement is %s, and the warning is of %s days', (days, state, warning) => {
  const nowMs = END_MS - days * DAY_MS
  expect([entitlementState(term, nowMs), warningDays(END_MS, nowMs)]).toEqual([state, warning])
})

test('people read how long it goes on, and that nothing is stopped', () => {
  const noticeAt = (days: number) => entitlementNotice({ ...term, listing: 'watch' }, END_MS - days * DAY_MS)
  expect(noticeAt(31)).toBeUndefined()
  expect(noticeAt(6.5)).toBe('the entitlement to watch ends in 7 days')
  expect(noticeAt(1)).toBe('the entitlement to watch ends in 1 day')
  expect(noticeAt(-1)).toMatch(/upgrades go on for 9 days, and no new device; what runs continues to run/)
  expect(noticeAt(-10)).toMatch(/no upgrade and no new device; what runs continues to run/)
  expect(entitlementNotice({ listing: 'watch', untilMs: undefined, graceDays: 0 }, END_MS)).toBeUndefined()
})

const wish = { change: 'install', devices: { before: 0, after: 5 }, entitlements: [], nowMs: 0 } as const

test('an installation needs entitlements for all of its devices, which add up', () => {
  expect(entitlementProblem(wish)).toMatch(/no entitlement/)
  const three = { devices: 3, untilMs: undefined, graceDays: 0 }
  expect(entitlementProblem({ ...wish, entitlements: [three] })).toBe(
    'it would run on 5 devices, and the entitlements cover 3',
  )
  expect(entitlementProblem({ ...wish, entitlements: [three, three] })).toBeUndefined()
  // An emergency period covers each device.
  expect(entitlementProblem({ ...wish, devices: { before: 0, after: 0 } })).toBeUndefined()
})

test('in the days of grace an upgrade goes on, and no new device is added; after them neither', () => {
  const entitlements = [{ ...term, devices: 5 }]
  const same = { before: 5, after: 5 }
  const problemAt = (days: number, change: 'install' | 'upgrade' | 'repair', devices = same) =>
    entitlementProblem({ change, devices, entitlements, nowMs: END_MS - days * DAY_MS })
  expect(problemAt(-1, 'upgrade')).toBeUndefined()
  expect(problemAt(-1, 'upgrade', { before: 5, after: 6 })).toMatch(/has ended/)
  expect(problemAt(-1, 'install', { before: 0, after: 1 })).toMatch(/has ended/)
  expect(problemAt(-10, 'upgrade')).toMatch(/has ended/)
  expect(problemAt(1, 'repair', { before: 5, after: 6 })).toMatch(/6 devices, and the entitlements cover 5/)
})

test('law: the installed version on the same or fewer devices is never refused, at any time', () => {
  const entitlement = fc.record({
    devices: fc.integer({ min: 1, max: 9 }),
    untilMs: fc.option(fc.integer({ min: 0, max: 99 * DAY_MS }), { nil: undefined }),
    graceDays: fc.integer({ min: 0, max: 90 }),
  })
  fc.assert(
    fc.property(
      fc.array(entitlement),
      fc.nat({ max: 20 }),
      fc.nat({ max: 20 }),
      fc.nat({ max: 200 }),
      (entitlements, before, fewer, days) => {
        const devices = { before, after: Math.max(0, before - fewer) }
        expect(entitlementProblem({ change: 'repair', devices, entitlements, nowMs: days * DAY_MS })).toBeUndefined()
      },
    ),
  )
})
