import { Analysis } from '@skerry/contract/deployments/analysis'
import { expect, test } from 'vitest'
import { gateName, gateStateWords, gateWords } from './gate-words.ts'
import type { Gate } from './wave-gates.ts'

const writing = { number: String, time: (ms: number) => `${ms / 1_000} s` }
const words = (gate: Gate) => `${gateName(gate)} ${gateStateWords[gate.state]}: ${gateWords(gate, writing)}`

const failures = { kind: 'failures', state: 'met', failed: 1, of: 12, limit: 2 } as const
const executed = { kind: 'executed', state: 'inconclusive', decided: 1, limit: 2, isBorne: false } as const
const deadline = { kind: 'deadline', state: 'pending', openMs: 0, limitMs: 60_000, undecided: 0, timedOut: 0 } as const
const view = { analysis: Analysis.parse({ name: 'errors', measure: 'error-rate', success: 'result.value < 1' }) }

test.each<[Gate, string]>([
  [failures, 'failures met: 1 of 12 failed, 2 allowed'],
  [{ ...failures, only: 'rejected', from: 5 }, 'failures met: 1 of 12 rejected it, 2 allowed, from 5 reports on'],
  [executed, 'minimum reports no result: 1 of at least 2 reported'],
  [{ ...executed, state: 'met', isBorne: true }, 'minimum reports met: 1 of at least 2 reported; a person resumed'],
  [{ kind: 'soak', state: 'not-reached', soakedMs: 1_000, limitMs: 5_000 }, 'soak not reached: 1 s of 5 s'],
  [deadline, 'deadline pending: each device has 60 s from the offer'],
  [{ ...deadline, undecided: 2 }, 'deadline pending: 2 to report within 60 s from the offer'],
  [{ ...deadline, undecided: 2, timedOut: 1 }, 'deadline pending: 2 to report within 60 s from the offer, 1 timed out'],
  [{ ...deadline, state: 'met' }, 'deadline met: no device was later than 60 s from the offer'],
  [{ ...deadline, state: 'met', timedOut: 1 }, 'deadline met: 1 timed out after 60 s'],
  [{ ...deadline, state: 'failed', timedOut: 3 }, 'deadline failed: 3 timed out after 60 s'],
  [
    { ...deadline, state: 'not-reached', undecided: 2, timedOut: 1 },
    'deadline not reached: each device had 60 s from the offer, 1 timed out',
  ],
])('the gate %j has its words', (gate, expected) => {
  expect(words(gate)).toBe(expected)
})

test('an analysis has its own name and progress', () => {
  expect(words({ kind: 'analysis', state: 'pending', name: 'errors', view })).toMatch(/^errors pending: /)
})
