import type { RolloutFailure, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { expect, test } from 'vitest'
import { NO_COUNTS } from '../rollouts/wave-verdict.ts'
import { failureCommands, failureLines, failureReason } from './rollout-failures.ts'

const mismatch: RolloutFailure = { device: 'press-1', outcome: 'failed', code: 'golden_mismatch', message: 'y differs' }

/** Only the counts of its waves are read. */
const waves = (...failed: number[]) =>
  failed.map((count) => ({
    name: 'all',
    limits: { failuresMax: 0, minExecuted: 1, soakSeconds: 0, deadlineSeconds: 1 },
    counts: { ...NO_COUNTS, failed: count },
  }))

test.each<[Omit<RolloutFailure, 'device'>, string]>([
  [mismatch, 'golden_mismatch: y differs'],
  [{ outcome: 'failed', code: 'crashed', message: '' }, 'crashed'],
  [{ outcome: 'timed-out' }, 'timed out: it reported no result before its deadline'],
  [{ outcome: 'rejected' }, 'rejected, without a cause'],
])('a failure %j reads %s', (failure, words) => {
  expect(failureReason(failure)).toBe(words)
})

test('each named device has a line, and one line counts the others', () => {
  expect(failureLines({ waves: waves(1), failures: [mismatch] })).toEqual(['press-1: golden_mismatch: y differs'])
  expect(failureLines({ waves: waves(2, 0), failures: [mismatch] }).at(-1)).toBe('and 1 more device')
  expect(failureLines({ waves: waves(2, 3), failures: [mismatch] }).at(-1)).toBe('and 4 more devices')
  expect(failureLines({ waves: waves(0) }), 'an older hub names none').toEqual([])
})

test.each<[RolloutStatus, string[]]>([
  ['rolling', ['deployment explain', 'device retry']],
  ['paused', ['deployment explain', 'device retry', 'deployment rollback']],
  ['aborted', ['deployment explain', 'deployment rollback']],
  ['rolled-back', ['deployment explain']],
  ['done', ['deployment explain', 'device retry']],
  ['superseded', []],
])('after a failure in a rollout that is %s, the commands are %j', (status, expected) => {
  const commands = failureCommands({ deployment: 'press', status, failures: [mismatch] })
  expect(commands.map((text) => text.split(' ').slice(1, 3).join(' '))).toEqual(expected)
  expect(failureCommands({ deployment: 'press', status })).toEqual([])
})

test('one command lets devices try again: of one device, or of all failed ones while the rollout is open', () => {
  const other = { ...mismatch, device: 'press-2' }
  const retryOf = (status: RolloutStatus, failures: RolloutFailure[]) =>
    failureCommands({ deployment: 'press', status, failures }).filter((text) => text.includes(' retry '))
  expect(retryOf('rolling', [mismatch])).toEqual(['skerry device retry press-1 press'])
  expect(retryOf('rolling', [mismatch, other])).toEqual(['skerry rollout retry press --reason REASON'])
  expect(retryOf('paused', [mismatch, other])).toEqual(['skerry rollout retry press --reason REASON'])
  expect(retryOf('done', [mismatch, other]), 'a rollout that ended cannot be retried').toEqual([
    'skerry device retry press-1 press',
  ])
  expect(retryOf('rolled-back', [mismatch]), 'the next rollout tries it by itself').toEqual([])
  expect(retryOf('rolled-back', [{ ...mismatch, remembered: true }]), 'no rollout tries it by itself').toEqual([
    'skerry device retry press-1 press',
  ])
})

test('a failure that the device remembers reads unlike a fresh one', () => {
  const remembered = { ...mismatch, remembered: true as const }
  expect(failureLines({ waves: waves(1), failures: [remembered] })).toEqual([
    'press-1: not tried again: it failed here before (remembered): golden_mismatch: y differs',
  ])
})

test('after a failure of the first revision, no command rolls back to an earlier one', () => {
  const commandsOf = (revision: number) =>
    failureCommands({ deployment: 'press', status: 'aborted', failures: [mismatch], revision }).slice(1)
  expect(commandsOf(1)).toEqual(['skerry deploy MODEL:VERSION --name press', 'skerry deployment rm press'])
  expect(commandsOf(2)).toEqual(['skerry deployment rollback press'])
})
