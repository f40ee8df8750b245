import { Strategy } from '@skerry/contract/deployments/deployment'
import { expect, test } from 'vitest'
import { compileWaves, planRollout } from '../rollouts/waves.ts'
import { PRESET_NAMES, presetOf, presetStrategy } from './strategy-presets.ts'

test.each(PRESET_NAMES)('the preset %s is a strategy that can be planned, and is known again', (name) => {
  const strategy = presetStrategy(name)
  expect(compileWaves(planRollout(strategy)).ok).toBe(true)
  expect(presetOf(Strategy.parse(JSON.parse(JSON.stringify(strategy))))).toBe(name)
})

test('everybody at once is what a deployment does that says nothing', () => {
  expect(presetOf(Strategy.parse({}))).toBe('all-at-once')
})

test('waves of a preset with a shadow beside them are none', () => {
  const { shadow } = presetStrategy('shadow')
  expect(presetOf({ ...presetStrategy('canary'), shadow })).toBeUndefined()
})

test('waves that differ in one thing are no preset', () => {
  const waves = presetStrategy('canary').waves.map((wave) => ({ ...wave, soakSeconds: 1 }))
  expect(presetOf({ waves })).toBeUndefined()
  const patient: Strategy = { ...presetStrategy('canary'), offline: 'skip' }
  expect(presetOf(patient)).toBe('canary')
})
