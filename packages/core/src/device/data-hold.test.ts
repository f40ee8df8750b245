import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ItemState } from '@skerry/contract/devices/item'
import { expect, test } from 'vitest'
import type { DataPlace, FlowData } from '../places/data-class.ts'
import { dataHold } from './data-hold.ts'

const place: DataPlace = {
  limit: { clearance: 'internal', words: 'this computer' },
  sources: new Map([['monitor', { all: 'restricted' }]]),
  sinks: new Map(),
}

const digest = `sha256:${'a'.repeat(64)}` as DesiredItem['digest']
const data: FlowData = { flow: 'ward', reads: [{ source: 'monitor', tag: 'heart-rate' }], leaves: [] }
const needs = new Map([[digest, { models: [], sources: [], sinks: [], data }]])

const life = (state: ItemState, item: Partial<DesiredItem> = {}) => ({
  state,
  target: { digest, ...item } as DesiredItem,
})

test('a device fetches no version for data above its limit, and starts no flow that reads such data', () => {
  const classed = { dataClass: 'restricted' } as const
  for (const state of ['absent', 'fetching', 'loading'] as const) {
    expect(dataHold(life(state, classed), { place })?.cause.code).toBe('data_class_violated')
  }
  expect(dataHold(life('loading'), { place, flows: { needs } })?.cause.message).toBe(
    'the flow ward reads the tag monitor/heart-rate of the class restricted, and this computer has the clearance internal',
  )
})

test('nothing waits on a device without a limit, and a serving version is not touched', () => {
  const { limit: _limit, ...open } = place
  expect(dataHold(life('loading', { dataClass: 'restricted' }), { place: open, flows: { needs } })).toBeUndefined()
  expect(dataHold(life('active', { dataClass: 'restricted' }), { place, flows: { needs } })).toBeUndefined()
  expect(dataHold(life('loading', { dataClass: 'internal' }), { place })).toBeUndefined()
  expect(dataHold(life('loading', { dataClass: 'restricted' }), {})).toBeUndefined()
})
