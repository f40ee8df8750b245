import { expect, test } from 'vitest'
import { CHECKPOINT_INTERVAL_MS, CHECKPOINT_RECORDS_MAX, isCheckpointDue } from './checkpoint-pace.ts'

const last = { sequence: 10, atMs: 1_000_000 }

test.each([
  ['nothing was recorded', 0, undefined, 5, false],
  ['the first record', 1, undefined, 5, true],
  ['all is signed', 10, last, last.atMs + CHECKPOINT_INTERVAL_MS, false],
  ['a record that is young', 11, last, last.atMs + CHECKPOINT_INTERVAL_MS - 1, false],
  ['a record that has waited', 11, last, last.atMs + CHECKPOINT_INTERVAL_MS, true],
  ['many records', 10 + CHECKPOINT_RECORDS_MAX, last, last.atMs, true],
  ['a clock that was set back', 11, last, last.atMs - 1, true],
] as const)('%s', (_, sequence, signed, nowMs, due) => {
  expect(isCheckpointDue({ sequence }, signed, nowMs)).toBe(due)
})
