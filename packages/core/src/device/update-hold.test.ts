import type { UpdateWindow } from '@skerry/contract/deployments/update-window'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  downloadHold,
  installHold,
  lockHold,
  nextTurnMs,
  type UpdateFacts,
  type UpdateHold,
  windowAt,
} from './update-hold.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Opens at these times, which are sorted. */
const opensAt =
  (...starts: number[]): UpdateFacts['windowStart'] =>
  (_, afterMs) => {
    const atMs = starts.find((start) => start > afterMs)
    return { ok: true, ...(atMs === undefined ? {} : { atMs }) }
  }
/** Every day at two. */
const daily: UpdateFacts['windowStart'] = (_, afterMs) => ({
  ok: true,
  atMs: (Math.floor((afterMs - 2 * HOUR_MS) / DAY_MS) + 1) * DAY_MS + 2 * HOUR_MS,
})
const window: UpdateWindow = { cron: '0 2 * * *', timeZone: 'UTC', durationSeconds: 7_200 }
const at = (timeMs: number, windowStart = daily): UpdateFacts => ({ timeMs, windowStart, locks: [] })

test('is open from its start, and shut from its end', () => {
  expect(windowAt(window, at(2 * HOUR_MS - 1))).toEqual({ kind: 'shut', opensAtMs: 2 * HOUR_MS })
  expect(windowAt(window, at(2 * HOUR_MS))).toEqual({ kind: 'open', untilMs: 4 * HOUR_MS })
  expect(windowAt(window, at(4 * HOUR_MS - 1))).toEqual({ kind: 'open', untilMs: 4 * HOUR_MS })
  expect(windowAt(window, at(4 * HOUR_MS))).toEqual({ kind: 'shut', opensAtMs: DAY_MS + 2 * HOUR_MS })
})

test('is open exactly where some start is less than its duration ago', () => {
  const anyStarts = fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { maxLength: 20 })
  const law = fc.property(
    anyStarts,
    fc.integer({ min: 1, max: 50 }),
    fc.integer({ min: 0, max: 100_000 }),
    (starts, durationSeconds, timeMs) => {
      const sorted = starts.toSorted((a, b) => a - b)
      const standing = windowAt({ ...window, durationSeconds }, at(timeMs, opensAt(...sorted)))
      const isOpen = sorted.some((start) => start <= timeMs && timeMs < start + durationSeconds * 1_000)
      expect(standing.kind).toBe(isOpen ? 'open' : 'shut')
      if (standing.kind === 'open') expect(standing.untilMs).toBeGreaterThan(timeMs)
      if (standing.kind === 'shut') expect(standing.opensAtMs).toBe(sorted.find((start) => start > timeMs))
    },
  )
  fc.assert(law, { numRuns: 2_000 })
})

test('what has no window is never held by one', () => {
  const item = buildDesiredItem({ version: 1 })
  expect([downloadHold(item, at(0)), installHold(item, at(0))]).toEqual([undefined, undefined])
  expect(nextTurnMs({ state: 'fetching', target: item }, { nowMs: 0, updates: at(0) }, undefined)).toBeUndefined()
})

test('says in the words of its own time zone when it opens', () => {
  const berlin = { ...window, timeZone: 'Europe/Berlin' }
  const item = { ...buildDesiredItem({ version: 1 }), window: { download: berlin, install: berlin } }
  const summer = Date.UTC(2026, 6, 1)
  expect(downloadHold(item, at(summer, opensAt(summer + HOUR_MS)))).toEqual({
    cause: { code: 'window_waits', message: 'its download window opens at 2026-07-01 03:00 Europe/Berlin' },
    untilMs: summer + HOUR_MS,
  })
  expect(installHold(item, at(summer + HOUR_MS, opensAt(summer + HOUR_MS)))).toBeUndefined()
  const turnAt = (timeMs: number, hold?: UpdateHold) =>
    nextTurnMs({ state: 'fetching', target: item }, { nowMs: 7, updates: at(timeMs, opensAt(summer + HOUR_MS)) }, hold)
  expect(turnAt(summer + HOUR_MS), 'when it shuts').toBe(7 + 2 * HOUR_MS)
  expect(turnAt(summer, downloadHold(item, at(summer, opensAt(summer + HOUR_MS)))), 'when it opens').toBe(7 + HOUR_MS)
})

test('a window that never opens, or that this machine cannot tell, holds and says so', () => {
  const item = { ...buildDesiredItem({ version: 1 }), window: { install: window } }
  expect(installHold(item, at(0, opensAt()))?.cause.message).toBe('its install window never opens')
  const unreadable = installHold(
    item,
    at(0, () => ({ ok: false, message: 'no such zone' })),
  )
  expect(unreadable?.cause).toEqual({
    code: 'window_unreadable',
    message: 'its install window cannot be computed: no such zone',
  })
})

test('any lock holds an install and no download, until the last of them ends', () => {
  const item = buildDesiredItem({ version: 1 })
  const robot = { name: 'robot', reason: 'is welding', untilMs: 50 }
  const facts: UpdateFacts = { ...at(0), locks: [robot, { name: 'door', reason: '', untilMs: 70 }] }
  expect(downloadHold(item, facts)).toBeUndefined()
  expect(installHold(item, facts)).toEqual({
    cause: { code: 'update_locked', message: 'nothing is installed while it is locked by robot: is welding; door' },
    untilMs: 70,
  })
  expect(lockHold(item, { ...facts, locks: [robot, { name: 'door', reason: '' }] })).not.toHaveProperty('untilMs')
  expect(installHold({ ...item, ignoreLocks: true }, facts)).toBeUndefined()
})

test('a lock is looked at before a window', () => {
  const item = { ...buildDesiredItem({ version: 1 }), window: { install: window } }
  expect(installHold(item, { ...at(0), locks: [{ name: 'a', reason: '' }] })?.cause.code).toBe('update_locked')
})
