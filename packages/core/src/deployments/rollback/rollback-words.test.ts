import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { RollbackPlan } from '@skerry/contract/deployments/rollback'
import { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { presetStrategy } from '../strategy-presets.ts'
import { moveWords, rollbackFacts, rollbackWords } from './rollback-words.ts'

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
})
