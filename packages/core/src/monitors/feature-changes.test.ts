import type { FeatureProfile, ReferenceProfile } from '@skerry/contract/monitors/profile'
import { expect, test } from 'vitest'
import { changesText, featureChanges } from './feature-changes.ts'

const feature = (name: string, more: Partial<FeatureProfile> = {}): FeatureProfile => ({
  feature: name,
  side: 'input',
  tensor: name,
  edges: [0],
  counts: [1, 1],
  missing: 0,
  ...more,
})

const profile = (version: number, ...features: FeatureProfile[]): ReferenceProfile => ({
  v: 1,
  model: 'm',
  version,
  origin: 'golden',
  rows: 100,
  left: 0,
  features,
})

test('a renamed feature is one that is gone and one that is new, and the same features are no change', () => {
  const before = profile(1, feature('a'), feature('x'), feature('y', { side: 'output' }))
  const renamed = featureChanges(profile(2, feature('b'), feature('x'), feature('y', { side: 'output' })), before)
  expect(renamed).toEqual({ before: 1, added: ['b'], removed: ['a'], changed: [] })
  expect(featureChanges(profile(2, ...before.features), before)).toBeUndefined()
  expect(featureChanges(profile(1, feature('a')), undefined)).toBeUndefined()
})

test('a tensor of another shape has other features, and a category is no number', () => {
  const before = profile(1, feature('x[0]'), feature('x[1]'), feature('state'))
  const now = profile(4, feature('x[0]'), feature('x[1]'), feature('x[2]'), feature('state', { form: 'category' }))
  expect(featureChanges(now, before)).toEqual({ before: 1, added: ['x[2]'], removed: [], changed: ['state'] })
})

test('the sentences name each change, and say that no history continues', () => {
  expect(changesText(2, { before: 1, added: ['b'], removed: ['a'], changed: [] }, 'version')).toBe(
    'Feature a of version 1 is not in version 2. Feature b is new in version 2. ' +
      'The history of version 1 stays with it, and does not continue in version 2.',
  )
  const many = Array.from({ length: 10 }, (_, at) => `x[${at}]`)
  expect(changesText(2, { before: 1, added: many, removed: [], changed: ['state'] }, 'reference')).toBe(
    'Features x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], 2 more are new in reference 2. ' +
      'Feature state is counted in another way than in reference 1. ' +
      'The history of reference 1 stays with it, and does not continue in reference 2.',
  )
})
