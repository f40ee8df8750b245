import { expect, test } from 'vitest'
import { NO_COUNTS } from '../wave-verdict.ts'
import {
  allShownCounts,
  outcomeWords,
  SHOWN_OUTCOMES,
  shownOutcome,
  versionCountWords,
  wantedAndRunningWords,
} from './rollout-words.ts'

const on = (version: number, devices: number) => ({ version, devices })

test('every shown outcome has its words and its place', () => {
  expect([...SHOWN_OUTCOMES].sort()).toEqual(Object.keys(outcomeWords).sort())
})

test('a version that is named has its number, even if it is 0', () => {
  const counts = { versions: [on(1, 2)], none: 0, failed: 1 }
  expect(versionCountWords(counts, [2])).toBe('v1 on 2, v2 on 0, failed 1')
  expect(versionCountWords({ versions: [], none: 3 }, [1])).toBe('v1 on 0, none on 3')
  expect(versionCountWords({ versions: [], none: 0 })).toBe('no devices')
  expect(versionCountWords({ versions: [on(1, 1_000)], none: 0 }, [], (value) => `${value}!`)).toBe('v1 on 1000!')
})

test('of many versions the named and the most frequent ones are shown', () => {
  const versions = [on(1, 5), on(2, 1), on(3, 9), on(4, 1), on(5, 8), on(6, 7), on(7, 6)]
  expect(versionCountWords({ versions, none: 0 }, [2])).toBe(
    'v2 on 1, v3 on 9, v5 on 8, v6 on 7, v7 on 6, 2 other versions on 6',
  )
})

test('both facts are in words, and absent for a hub that does not know them', () => {
  const wanted = { versions: [on(1, 2)], none: 0 }
  const running = { versions: [on(1, 1)], none: 1, failed: 1 }
  expect(wantedAndRunningWords({ version: 2, wanted, running })).toEqual({
    wanted: 'v1 on 2',
    running: 'v1 on 1, v2 on 0, none on 1, failed 1',
  })
  expect(wantedAndRunningWords({ version: 2 })).toBeUndefined()
})

test.each([
  ['rolling', 'waiting', false, 'waiting'],
  ['paused', 'offered', false, 'offered'],
  ['rolling', 'waiting', true, 'waiting'],
  ['done', 'healthy', false, 'healthy'],
  ['done', 'skipped', false, 'skipped'],
  ['aborted', 'waiting', false, 'not-reached'],
  ['rolled-back', 'offered', false, 'not-reached'],
  ['done', 'waiting', true, 'pending'],
  ['superseded', 'waiting', true, 'not-reached'],
  ['done', 'failed', true, 'failed'],
] as const)('in a rollout that is %s, %s (late: %s) is shown as %s', (status, outcome, isLate, shown) => {
  expect(shownOutcome({ status }, outcome, { isLate })).toBe(shown)
})

test('all counts include the devices that joined later', () => {
  const waves = [{ counts: { ...NO_COUNTS, healthy: 1 } }, { counts: { ...NO_COUNTS, waiting: 2 } }]
  const shown = allShownCounts({ status: 'aborted', waves, joinedLater: { ...NO_COUNTS, failed: 1 } })
  expect(shown).toMatchObject({ healthy: 1, failed: 1, waiting: 0, 'not-reached': 2 })
  expect(allShownCounts({ status: 'rolling', waves })).toMatchObject({ waiting: 2, failed: 0 })
})
