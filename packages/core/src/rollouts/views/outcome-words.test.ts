import { expect, test } from 'vitest'
import { NO_COUNTS } from '../wave-verdict.ts'
import {
  allShownCounts,
  lateShownCounts,
  outcomeWords,
  SHOWN_OUTCOMES,
  shownOutcome,
  waveShownCounts,
} from './outcome-words.ts'

test('every shown outcome has its words and its place', () => {
  expect([...SHOWN_OUTCOMES].sort()).toEqual(Object.keys(outcomeWords).sort())
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

test('the counts of the waves stay the same when a device joins later', () => {
  const rollout = { status: 'done', waves: [{ counts: { ...NO_COUNTS, healthy: 3 } }] } as const
  const later = { ...rollout, joinedLater: { ...NO_COUNTS, failed: 1 } }
  expect(waveShownCounts(later)).toEqual(waveShownCounts(rollout))
  expect(lateShownCounts(later)).toMatchObject({ failed: 1, healthy: 0 })
  expect(lateShownCounts(rollout)).toBeUndefined()
})
