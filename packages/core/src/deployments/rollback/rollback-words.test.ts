import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { RollbackPlan } from '@skerry/contract/deployments/rollback'
import { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { presetStrategy } from '../strategy-presets.ts'
import { moveWords, rollbackFacts, rollbackPresent, rollbackWarnings, rollbackWords } from './rollback-words.ts'

const spec = DeploymentSpec.parse({ name: 'press', deployable: 'anomaly', version: '1' })
const device = (name: string) => ({ id: DeviceId.parse('dev_abcdefgh234567'), name, site: 'oslo' })

const plan: Omit<RollbackPlan, 'plan'> = {
  from: { revision: 3, deployable: 'anomaly', version: 2 },
  to: { revision: 1, deployable: 'anomaly', version: 1 },
  spec,
  dropped: [],
  moves: [{ version: 2, count: 2, devices: [device('a'), device('b')] }],
  settled: 0,
}

test('a rollback names the version, the revision and the devices that change', () => {
  expect(rollbackWords(plan)).toBe('roll press back to anomaly:1 of revision 1: 2 devices change from version 2 (a, b)')
  const many = { version: 3, count: 9, devices: ['a', 'b', 'c', 'd', 'e', 'f'].map(device) }
  expect(rollbackWords({ ...plan, moves: [many] })).toContain('(a, b, c, d, e and 4 more)')
  expect(rollbackWords({ ...plan, moves: [], settled: 2 })).toContain('no device changes its version')
})

test.each([
  [1, 2, '1 device changes from version 2'],
  [2, 2, '2 devices change from version 2'],
  [1, undefined, '1 device serves no version now'],
  [2, undefined, '2 devices serve no version now'],
  [2, 1, '2 devices change from another form of version 1'],
])('%i devices that serve %s: %s', (count, version, words) => {
  expect(moveWords({ count, version }, 1)).toBe(words)
})

test('the facts say how it proceeds, and what the strategy keeps and loses', () => {
  expect(rollbackFacts({ ...plan, spec: { ...spec, probation: { ...spec.probation, seconds: 0 } } })).toEqual([
    'These devices change at once.',
  ])
  const strategy = presetStrategy('canary')
  const facts = { ...plan, spec: { ...spec, strategy }, settled: 1, dropped: ['shadow', 'switchOver'] as const }
  expect(rollbackFacts({ ...facts, dropped: [...facts.dropped] })).toEqual([
    `These devices change at once, each with a probation of ${spec.probation.seconds} s.`,
    '1 device serves that version already.',
    'The next version uses the waves of the strategy again.',
    'The strategy loses the shadow stage of revision 3; set it again.',
    'The strategy loses the switch of revision 3; set it again.',
  ])
  expect(rollbackFacts({ ...plan, settled: 2 })).toContain('2 devices serve that version already.')
  expect(rollbackFacts({ ...plan, moves: [], settled: 2 })).toEqual([
    'There is nothing to move, so no device needs any time.',
    '2 devices serve that version already.',
  ])
})

test('the warnings name the end of the earlier revision, and the direction', () => {
  const { to } = plan
  expect(rollbackWarnings({ to })).toEqual([])
  expect(
    rollbackWarnings({ to, forwardFrom: 3, caution: { outcome: 'rolled-back', reason: '1 failed in wave canary' } }),
  ).toEqual([
    'Revision 1 was rolled back: 1 failed in wave canary.',
    'This goes forward from revision 3 to revision 1, not back.',
  ])
  const texts = [
    { outcome: 'aborted' as const },
    { outcome: 'failed' as const, failed: 2 },
    { outcome: 'rolled-back' as const, by: 4 },
  ].flatMap((caution) => rollbackWarnings({ to, caution }))
  expect(texts).toEqual([
    'Revision 1 was aborted.',
    'Revision 1 failed on 2 devices.',
    'Revision 1 was rolled back: revision 4 replaced it with an earlier revision.',
  ])
})

test('the present state is the wanted and the running versions, and a build has its recipe', () => {
  const on = { versions: [{ version: 1, devices: 2 }], none: 0 }
  expect(rollbackPresent(plan)).toEqual([])
  expect(rollbackPresent({ ...plan, now: { wanted: on, running: { ...on, failed: 0 } } })).toEqual([
    'wanted now: v1 on 2',
    'running by the last reports: v1 on 2, v2 on 0',
  ])
  expect(rollbackWords({ ...plan, to: { ...plan.to, recipe: 'matmul-4bit' } })).toContain('anomaly:1 matmul-4bit of')
})
