import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { planDevice } from './device-plan.ts'
import { flowHold } from './flow-hold.ts'
import { type ItemLife, newItemLife } from './item-life.ts'

const needs = { models: ['anomaly'], sources: ['press-7'], sinks: ['mqtt'] }
const item = buildDesiredItem({ version: 1 })
const of = (digest: (typeof item)['digest']) => new Map([[digest, needs]])
const lifeOf = (target: typeof item, changes: Partial<ItemLife>): ItemLife => ({
  ...newItemLife(target, 0),
  ...changes,
})

test('says each thing that is missing, and nothing of what is not known', () => {
  const life = lifeOf(item, { state: 'loading' })
  const flows = { needs: of(item.digest), sources: new Set<string>(), sinks: new Set(['mqtt']) }
  expect(flowHold(life, { flows, loaded: [] })?.cause).toEqual({
    code: 'flow_waits',
    message: 'the flow starts when this device has: model anomaly, source press-7',
  })
  const loaded = [{ item: { ...item, name: 'anomaly' }, servingSinceMs: 0 }]
  expect(flowHold(life, { flows: { needs: of(item.digest) }, loaded })).toBeUndefined()
  expect(flowHold(life, { flows: { needs: new Map() }, loaded: [] })).toBeUndefined()
  expect(flowHold(life, { flows })).toBeUndefined()
})

const flowItem = buildDesiredItem({ kind: 'flow', name: 'watch', version: 1 })
const model = buildDesiredItem({ name: 'anomaly', version: 2 })
const base = {
  blobs: new Map([...flowItem.files, ...model.files].map(({ digest, sizeBytes }) => [digest, sizeBytes])),
  parts: new Map(),
  freeBytes: 1e9,
  floorBytes: 0,
  memoryAvailableBytes: 1e9,
  nowMs: 0,
  waits: new Map(),
  updates: { timeMs: 0, windowStart: () => ({ ok: true as const }), locks: [] },
  flows: { needs: of(flowItem.digest) },
  wanted: [flowItem, model],
}
const stats = { requests: 0, failures: 0 }

test('a flow that waits is put off, so that restarts meanwhile are not held against it, and goes on when its model serves', () => {
  const waiting = lifeOf(flowItem, { state: 'loading' })
  const serving = lifeOf(model, { state: 'active', lastGood: model })
  const loaded = [{ item: model, servingSinceMs: 0, stats }]
  const put = planDevice({ ...base, lives: [waiting, serving], loaded: [] })
  expect(put.act.map(({ kind }) => kind)).toContain('defer')
  expect(put.holds.get('watch')?.cause.message).toContain('model anomaly')
  const off = { ...waiting, isDeferred: true as const }
  expect(planDevice({ ...base, lives: [off, serving], loaded: [] }).act.map(({ kind }) => kind)).toEqual(['load'])
  expect(planDevice({ ...base, lives: [off, serving], loaded }).act.map(({ kind }) => kind)).toEqual(['resume'])
  expect(planDevice({ ...base, lives: [waiting, serving], loaded }).act).toMatchObject([
    { kind: 'load', item: flowItem },
  ])
})

test('models come back before the flows that ask them', () => {
  const lives = [flowItem, model].map((target) => lifeOf(target, { state: 'active', lastGood: target }))
  expect(planDevice({ ...base, lives, loaded: [] }).act).toMatchObject([
    { kind: 'load', item: { name: 'anomaly' }, isRestore: true },
    { kind: 'load', item: { name: 'watch' }, isRestore: true },
  ])
})
