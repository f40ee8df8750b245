import { DocumentMessage, readDocument } from '@skerry/contract/devices/desired'
import { readReport } from '@skerry/contract/devices/device-report'
import { ItemState } from '@skerry/contract/devices/item'
import { kindOf, kinds, VersionKind } from '@skerry/contract/kinds/kinds'
import { buildDesiredItem, fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'

const model = buildDesiredItem({ name: 'anomaly', version: 2 })
const flow = buildDesiredItem({ kind: 'flow', name: 'watch', version: 1 })
const head = { v: 1, deviceId: 'dev_aaaaaaaa', generation: 7, digest: fakeDigest(7) }

const read = (...items: unknown[]) => readDocument(DocumentMessage.parse({ ...head, items }))
const codes = (...items: unknown[]) => read(...items).rejected.map(({ cause: { code } }) => code)

test('an item of an unknown kind is rejected alone, with all that a report needs', () => {
  const { items, rejected } = read(model, { ...model, kind: 'hologram', name: 'ghost', spec: { colour: 'red' } }, flow)
  expect(items).toEqual([model, flow])
  expect(rejected).toMatchObject([
    { name: 'ghost', head: { kind: 'hologram', name: 'ghost', version: 2 }, cause: { code: 'kind_unknown' } },
  ])
})

test('an item with an unreadable spec is rejected alone, with the place', () => {
  const { items, rejected } = read({ ...model, spec: { serving: { instances: 0 } } }, flow)
  expect(items).toEqual([flow])
  expect(rejected[0]?.cause).toMatchObject({
    code: 'item_unreadable',
    message: expect.stringContaining('spec.serving'),
  })
})

test('fields of a newer hub are dropped', () => {
  const serving = 'serving' in model.spec ? model.spec.serving : undefined
  const newer = { ...model, canSing: true, spec: { serving: { ...serving, gpu: 1 }, colour: 'red' } }
  const { items, rejected } = readDocument(DocumentMessage.parse({ ...head, items: [newer], later: true }))
  expect([items, rejected]).toEqual([[model], []])
})

test('an item is rejected where dropping a field would do something that nobody meant', () => {
  const window = { install: { cron: '0 2 * * *', timeZone: 'UTC', durationSeconds: 60 } }
  expect(codes({ ...model, window: { ...window, rollback: window.install } })).toEqual(['item_unreadable'])
  expect(codes({ ...model, probation: { ...model.probation, latencyMaxMs: 5 } })).toEqual(['item_unreadable'])
  expect(codes({ ...model, hold: 'until-noon' })).toEqual(['item_unreadable'])
})

test('a newer hub names the fields that a device must know', () => {
  expect(codes({ ...model, must: ['window', 'spec.serving.instances'] })).toEqual([])
  expect(read({ ...model, locks: ['press'], must: ['locks'] }).rejected[0]?.cause).toEqual({
    code: 'item_unreadable',
    message: 'this agent does not know locks; update the agent',
  })
  expect(codes({ ...model, must: ['spec.serving.gpu'] }, { ...model, must: ['name.first'] })).toEqual([
    'item_unreadable',
    'item_unreadable',
  ])
})

test('an item without a readable head has no place in a report; its name counts where it can be read', () => {
  const { rejected } = read({ ...model, version: 0 }, 'nonsense')
  expect(rejected.map(({ name, head: known }) => [name, known])).toEqual([
    ['anomaly', undefined],
    [undefined, undefined],
  ])
})

test('a document without a generation is rejected whole, and so is one of another form', () => {
  const { generation: _, ...rest } = head
  expect(DocumentMessage.safeParse({ ...rest, items: [model] }).success).toBe(false)
  expect(DocumentMessage.safeParse({ ...head, v: 2, items: [model] }).success).toBe(false)
})

test('an item of a report that cannot be read is kept out alone', () => {
  const target = { revision: 1, version: 1, digest: fakeDigest(1), retryToken: 0 }
  const item = { kind: 'model', name: 'anomaly', deploymentId: 'dep_aaaaaaaa', target, state: 'active', sinceMs: 1 }
  const { report, unread } = readReport({
    items: [
      { ...item, mood: 'good', stats: { requests: 1, failures: 0, joules: 5 } },
      { ...item, name: 'ghost', kind: 'hologram' },
      { ...item, name: 'singer', state: 'singing' },
      7,
    ],
  } as never)
  expect(report.items).toEqual([{ ...item, stats: { requests: 1, failures: 0 } }])
  expect(unread.map(({ name, cause: { code } }) => [name, code])).toEqual([
    ['ghost', 'kind_unknown'],
    ['singer', 'item_unreadable'],
    [undefined, 'item_unreadable'],
  ])
})

test('a set of files is of the kind whose main file it has', () => {
  for (const kind of VersionKind.options) expect(kindOf([{ path: 'x' }, { path: kinds[kind].mainFile }])).toBe(kind)
  expect(kindOf([{ path: 'weights.bin' }])).toBeUndefined()
})

test.each(VersionKind.options)('the row of the kind %s agrees with itself', (kind) => {
  const { lifecycle, mayShadow, hasGoldenCases, serves } = kinds[kind]
  const states: readonly ItemState[] = lifecycle
  expect(states.toSorted((a, b) => ItemState.options.indexOf(a) - ItemState.options.indexOf(b))).toEqual(states)
  expect([states.includes('shadow'), states.includes('golden')]).toEqual([mayShadow, hasGoldenCases])
  expect(states.at(-1)).toBe('active')
  if (mayShadow) expect(serves).toBe(true)
})
