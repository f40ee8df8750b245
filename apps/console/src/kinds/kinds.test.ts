import { type VersionDetail, VersionKind } from '@skerry/contract/model'
import { expect, test } from 'vitest'
import { kindTexts } from '../texts/english-kinds.ts'
import { detailOf, kindRow, kindRows, modelsOf, refusalOf } from './kinds.ts'

const model = { kind: 'model', model: 'anomaly' } as VersionDetail
const flow = { kind: 'flow', model: 'pump', flow: { name: 'pump' } } as VersionDetail
const names = (['model', 'flow'] as const).map((kind) => ({
  name: kind,
  kind,
  versionCount: 1,
  aliases: {},
  createdAtMs: 0,
}))

test('each kind of the contract has a row with its word', () => {
  expect(Object.keys(kindRows).toSorted()).toEqual(VersionKind.options.toSorted())
  for (const kind of VersionKind.options) expect(kindRow(kind).noun).toBe(kind)
})

test('a page of one kind gets the detail of its kind only', () => {
  expect(detailOf('flow', flow)?.flow.name).toBe('pump')
  expect(detailOf('flow', model)).toBeUndefined()
  expect(detailOf('model', undefined)).toBeUndefined()
  expect(modelsOf('flow', names).map(({ name }) => name)).toEqual(['flow'])
})

test('a model is compared and tried; a flow says that it cannot be', () => {
  expect([kindRow('model').Compare, kindRow('model').Playground]).not.toContain(undefined)
  expect([kindRow('flow').Compare, kindRow('flow').Playground]).toEqual([undefined, undefined])
  expect(refusalOf('flow')).toContain('This is a flow')
  expect(refusalOf('model')).toBe(kindTexts.noPart)
})

test('another version is uploaded on the page of its kind', () => {
  const links = names.map((name) => kindRow(name.kind).upload?.(name)?.to)
  expect(links).toEqual(['/models/upload', '/flows/upload'])
})
