import { dataClassesOf } from '@skerry/contract/connections/data-classes'
import { Flow } from '@skerry/contract/flows/flow'
import { Clearance } from '@skerry/contract/values/clearance'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  classViolation,
  type DataPlace,
  flowData,
  flowViolation,
  isCleared,
  lowerLimit,
  sourceViolation,
} from './data-class.ts'

const flow = Flow.parse({
  name: 'ward',
  inputs: [
    { name: 'heart', source: 'monitor', tag: 'heart-rate' },
    { name: 'room', source: 'monitor', tag: 'room' },
  ],
  steps: [
    { name: 'fast', kind: 'convert', from: 'heart', scale: 2 },
    { name: 'warm', kind: 'convert', from: 'room' },
    { name: 'hot', kind: 'filter', from: 'warm', where: 'value > fast', with: ['fast'] },
  ],
  sinks: [
    { name: 'rooms', kind: 'sink', from: 'warm', sink: 'cloud' },
    { name: 'alarms', kind: 'sink', from: 'hot', sink: 'cloud' },
  ],
})

const sources = new Map([['monitor', { all: 'internal' as const, tags: { 'heart-rate': 'restricted' as const } }]])

const placeOf = (clearance: Clearance, sink?: Clearance): DataPlace => ({
  limit: { clearance, words: 'the site lyon' },
  sources,
  sinks: new Map(sink ? [['cloud', { all: sink }]] : []),
})

test('a flow may run only where the most sensitive tag that it reads may be handled', () => {
  expect(flowViolation(flowData(flow), placeOf('confidential'))).toEqual({
    code: 'data_class_violated',
    message:
      'the flow ward reads the tag monitor/heart-rate of the class restricted, and the site lyon has the clearance confidential',
  })
  expect(flowViolation(flowData(flow), placeOf('restricted'))).toBeUndefined()
  const { limit: _limit, ...unknown } = placeOf('public')
  expect(flowViolation(flowData(flow), unknown)).toBeUndefined()
})

test('a value has the classes of all inputs that it is made of, also by a condition', () => {
  const { leaves } = flowData(flow)
  expect(leaves.map(({ reads }) => reads.map(({ tag }) => tag))).toEqual([['room'], ['room', 'heart-rate']])
  expect(flowViolation(flowData(flow), placeOf('restricted', 'confidential'))?.message).toBe(
    'the flow ward reads the tag monitor/heart-rate of the class restricted, and the sink cloud takes confidential at most',
  )
  const rooms = flowData({ ...flow, sinks: flow.sinks.slice(0, 1) })
  expect(flowViolation(rooms, placeOf('restricted', 'internal'))).toBeUndefined()
  expect(flowViolation(rooms, placeOf('restricted', 'public'))?.code).toBe('data_class_violated')
})

test('a flow may state that its results are more sensitive than its inputs', () => {
  const stated = flowData({ ...flow, dataClass: 'restricted', inputs: flow.inputs.slice(1), steps: [], sinks: [] })
  expect(flowViolation(stated, placeOf('internal'))?.message).toBe(
    'the flow ward states data of the class restricted, and the site lyon has the clearance internal',
  )
})

test('a source is judged by its most sensitive tag, and a deployment by its own class', () => {
  const spec = {
    name: 'monitor',
    dataClass: 'internal',
    groups: [{ tags: [{ name: 'room' }, { name: 'heart-rate', dataClass: 'restricted' }] }],
  }
  const classes = dataClassesOf(spec as never)
  expect(classes).toEqual(sources.get('monitor'))
  expect(sourceViolation('monitor', classes ?? {}, placeOf('internal'))?.message).toBe(
    'the source monitor has values of the class restricted, and the site lyon has the clearance internal',
  )
  expect(dataClassesOf({ name: 'monitor', groups: [{ tags: [{ name: 'room' }] }] } as never)).toBeUndefined()
  expect(classViolation('confidential', placeOf('internal'))?.code).toBe('data_class_violated')
  expect(classViolation(undefined, placeOf('internal'))).toBeUndefined()
})

test('many classified tags count as the most sensitive one, so that the list stays small', () => {
  const tags = Array.from({ length: 1_001 }, (_, index) => ({
    name: `t${index}`,
    dataClass: index === 7 ? 'restricted' : 'public',
  }))
  expect(dataClassesOf({ name: 's', groups: [{ tags }] } as never)).toEqual({ all: 'restricted' })
})

test('the lower limit of site and computer counts', () => {
  const limit = (clearance: Clearance) => ({ clearance, words: clearance })
  expect(lowerLimit(limit('public'), limit('restricted'))).toEqual(limit('public'))
  expect(lowerLimit(limit('restricted'), limit('internal'))).toEqual(limit('internal'))
  expect(lowerLimit(undefined, limit('internal'))).toEqual(limit('internal'))
  expect(lowerLimit(undefined, undefined)).toBeUndefined()
})

test('for any classes, a flow runs exactly where each tag that it reads is cleared', () => {
  const anyClass = fc.constantFrom(...Clearance.options)
  fc.assert(
    fc.property(anyClass, fc.option(anyClass, { nil: undefined }), anyClass, (clearance, room, heart) => {
      const here: DataPlace = {
        limit: { clearance, words: 'here' },
        sources: new Map([['monitor', { ...(room && { all: room }), tags: { 'heart-rate': heart } }]]),
        sinks: new Map(),
      }
      const isAllowed = isCleared(clearance, heart) && (room === undefined || isCleared(clearance, room))
      expect(flowViolation(flowData(flow), here) === undefined).toBe(isAllowed)
    }),
  )
})
