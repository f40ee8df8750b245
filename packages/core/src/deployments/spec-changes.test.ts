import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { expect, test } from 'vitest'
import { specChanges } from './spec-changes.ts'

const specOf = (more: object) => DeploymentSpec.parse({ name: 'press', model: 'anomaly', ...more })

test('names each field that differs, with what it was and what it will be', () => {
  const before = specOf({ version: '1', strategy: { waves: [{ name: 'canary', limit: 1 }] } })
  const after = specOf({ version: '2', strategy: { waves: [{ limit: '5%' }, {}] }, serving: { spin: true } })
  expect(specChanges(before, after).filter(({ field }) => !field.includes('waves[1]'))).toEqual([
    { field: 'version', before: '1', after: '2' },
    { field: 'strategy.waves[0].limit', before: '1', after: '5%' },
    { field: 'serving.spin', before: 'false', after: 'true' },
    { field: 'strategy.waves[0].name', before: 'canary', after: undefined },
  ])
  expect(specChanges(before, after)).toContainEqual({
    field: 'strategy.waves[1].soakSeconds',
    before: undefined,
    after: '0',
  })
})

test('of the same there is nothing to say', () => {
  expect(specChanges(specOf({}), specOf({ selector: 'true' }))).toEqual([])
})
