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

test('a device fetches no version whose data stays in other countries, by its site or by its own statement', () => {
  const target = { residency: ['EU', 'CH'] }
  const at = (...countries: string[]) => ({
    place: { ...place, countries: countries.map((country) => ({ country, words: 'this computer' })) },
  })
  expect(dataHold(life('absent', target), at('US'))?.cause).toEqual({
    code: 'residency_violated',
    message: 'the data of the deployment stays in EU, CH, and this computer is in US',
  })
  expect(dataHold(life('loading', target), at('FR', 'GB'))?.cause.code).toBe('residency_violated')
  expect(dataHold(life('absent', { residency: ['GALAXY'] }), at('FR'))?.cause.code).toBe('residency_violated')
  expect(dataHold(life('absent', target), at('FR', 'CH'))).toBeUndefined()
  expect(dataHold(life('absent', target), at())).toBeUndefined()
  expect(dataHold(life('active', target), at('US'))).toBeUndefined()
  expect(dataHold(life('absent'), at('US'))).toBeUndefined()
})

test('nothing waits on a device without a limit, and a serving version is not touched', () => {
  const { limit: _limit, ...open } = place
  expect(dataHold(life('loading', { dataClass: 'restricted' }), { place: open, flows: { needs } })).toBeUndefined()
  expect(dataHold(life('active', { dataClass: 'restricted' }), { place, flows: { needs } })).toBeUndefined()
  expect(dataHold(life('loading', { dataClass: 'internal' }), { place })).toBeUndefined()
  expect(dataHold(life('loading', { dataClass: 'restricted' }), {})).toBeUndefined()
})
