import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { expect, test } from 'vitest'
import type { KnownRevision } from './rollback.ts'
import { forwardFrom, rollbackCaution } from './rollback-caution.ts'

const spec = DeploymentSpec.parse({ name: 'press', deployable: 'anomaly', version: 'latest' })

type Change = Partial<KnownRevision> & { status?: RolloutStatus; reason?: string; failed?: number }

const revisionOf = (revision: number, { status = 'done', reason, failed = 0, ...change }: Change = {}) => ({
  revision,
  version: revision,
  spec,
  isDone: status === 'done',
  rollout: { status, reason, failed },
  ...change,
})

const gate = '1 of 1 failed in wave canary, 0 allowed'

test.each<[string, KnownRevision, KnownRevision[], object | undefined]>([
  ['a revision that went well has none', revisionOf(1), [revisionOf(2)], undefined],
  [
    'a failed gate is the reason',
    revisionOf(2, { status: 'rolled-back', reason: gate, failed: 1 }),
    [],
    { outcome: 'rolled-back', reason: gate, failed: 1 },
  ],
  [
    'an aborted one',
    revisionOf(2, { status: 'aborted', reason: 'noise' }),
    [],
    { outcome: 'aborted', reason: 'noise' },
  ],
  ['devices failed although it was done', revisionOf(2, { failed: 3 }), [], { outcome: 'failed', failed: 3 }],
  [
    'a later revision rolled it back',
    revisionOf(2),
    [revisionOf(1), revisionOf(3, { rollbackTo: 1 })],
    { outcome: 'rolled-back', by: 3 },
  ],
  ['a rollback to it is none', revisionOf(2), [revisionOf(4, { rollbackTo: 2 })], undefined],
  ['a rollback between earlier ones is none', revisionOf(4), [revisionOf(3, { rollbackTo: 1 })], undefined],
  ['an old revision has no facts', revisionOf(1, { rollout: undefined }), [revisionOf(2)], undefined],
])('%s', (_, target, others, expected) => {
  expect(rollbackCaution({ target, known: [target, ...others] })).toEqual(expected)
})

test.each<[string, KnownRevision[], number, number | undefined]>([
  ['goes back', [revisionOf(1), revisionOf(2)], 1, undefined],
  ['goes forward after a rollback', [revisionOf(1), revisionOf(2), revisionOf(3, { rollbackTo: 1 })], 2, 1],
  [
    'stays where it is if it restores a rollback that is in force',
    [revisionOf(1), revisionOf(2), revisionOf(3, { rollbackTo: 1 })],
    3,
    undefined,
  ],
  ['goes forward if the newest was undone', [revisionOf(1), revisionOf(2), revisionOf(3, { status: 'aborted' })], 2, 1],
])('a rollback %s', (_, known, to, expected) => {
  const current = known.at(-1) ?? revisionOf(1)
  const target = known.find(({ revision }) => revision === to) ?? current
  expect(forwardFrom({ current, target, known, stableRevision: 1 })).toBe(expected)
})
