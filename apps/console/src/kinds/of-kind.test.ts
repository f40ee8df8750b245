import type { VersionDetail } from '@skerry/contract/models/model'
import { expect, test } from 'vitest'
import { detailOf, modelsOf } from './of-kind.ts'

const model = { kind: 'model', model: 'anomaly' } as VersionDetail
const flow = { kind: 'flow', model: 'pump', flow: { name: 'pump' } } as VersionDetail

test('a page of one kind gets the details of that kind only', () => {
  expect(detailOf('flow', flow)?.flow.name).toBe('pump')
  expect(detailOf('flow', model)).toBeUndefined()
  expect(detailOf('model', undefined)).toBeUndefined()
})

test('a page of one kind lists the names of that kind only', () => {
  const models = (['model', 'flow'] as const).map((kind) => ({
    name: kind,
    kind,
    versionCount: 1,
    aliases: {},
    createdAtMs: 0,
  }))
  expect(modelsOf('flow', models as never).map(({ kind }) => kind)).toEqual(['flow'])
})
