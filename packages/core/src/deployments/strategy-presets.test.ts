import { Strategy } from '@skerry/contract/deployments/deployment'
import { expect, test } from 'vitest'
import { compileWaves, planRollout } from '../rollouts/waves.ts'
import { PRESET_NAMES, presetOf, presetStrategy } from './strategy-presets.ts'

test.each(PRESET_NAMES)('the preset %s is a valid strategy, and is recognised', (name) => {
  const strategy = presetStrategy(name)
  expect(compileWaves(planRollout(strategy)).ok).toBe(true)
  expect(presetOf(Strategy.parse(JSON.parse(JSON.stringify(strategy))))).toBe(name)
})

test('a deployment without a strategy uses the preset all-at-once', () => {
  expect(presetOf(Strategy.parse({}))).toBe('all-at-once')
})

test('waves of a preset with an added shadow are no preset', () => {
  const { shadow } = presetStrategy('shadow')
  expect(presetOf({ ...presetStrategy('canary'), shadow })).toBeUndefined()
})

test('waves with one difference are no preset', () => {
  const waves = presetStrategy('canary').waves.map((wave) => ({ ...wave, soakSeconds: 1 }))
  expect(presetOf({ waves })).toBeUndefined()
  const patient: Strategy = { ...presetStrategy('canary'), offline: 'skip' }
  expect(presetOf(patient)).toBe('canary')
})
