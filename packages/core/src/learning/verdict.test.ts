import type { LearningCandidate } from '@skerry/contract/learning/learning'
import { expect, test } from 'vitest'
import { missedFaults, verdictOf } from './verdict.ts'

const candidate = (kind: string, detected: LearningCandidate['detected']): LearningCandidate => ({
  kind,
  auc: 1,
  detected,
  named: 1,
  namedFirst: 1,
  falseAlarms: 0,
  heldOutRows: 100,
  stability: 1,
  bytes: 1,
})
const candidates = [
  candidate('pca', { stuck: 0.1, spike: 1, drift: 0, swap: 0.5 }),
  candidate('forest', { stuck: 1, spike: 1 }),
]

test('the kinds of faults that the chosen candidate misses are named with their share', () => {
  expect(missedFaults({ candidates, chosen: 'pca' }).map(({ kind }) => kind)).toEqual(['drift', 'stuck'])
  expect(verdictOf({ candidates, chosen: 'pca' })).toMatchObject({
    code: 'faults_missed',
    message: expect.stringContaining('does not find: drift (found 0 %), stuck (found 10 %).'),
  })
})

test('a candidate that finds each kind, and an outcome without a detector, have no verdict', () => {
  expect(verdictOf({ candidates, chosen: 'forest' })).toBeUndefined()
  expect(verdictOf({ candidates })).toBeUndefined()
})
