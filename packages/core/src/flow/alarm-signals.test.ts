import { Flow } from '@skerry/contract/flows/flow'
import { expect, test } from 'vitest'
import { alarmFlow } from '../learning/alarm-flow.ts'
import { alarmSignalsOf } from './alarm-signals.ts'

const inputs = [
  { name: 'heat', source: 'pump', tag: 'temperature' },
  { name: 'flow', source: 'pump', tag: 'flow' },
]
const steps = [
  { name: 'hot', kind: 'threshold', from: 'heat', above: 63 },
  { name: 'dry', kind: 'threshold', from: 'flow', below: 1 },
  { name: 'both', kind: 'k-of-n', from: ['hot', 'dry'], k: 2 },
]
const urgent = { kind: 'hub', priority: 'urgent' }
const alarmsOf = (...sinks: object[]) => alarmSignalsOf(Flow.parse({ name: 'watch', inputs, steps, sinks }))

test('an urgent threshold or vote that goes to the hub is an alarm with its condition', () => {
  const found = alarmsOf(
    { ...urgent, name: 'a', from: 'hot' },
    { ...urgent, name: 'b', from: 'dry' },
    { ...urgent, name: 'c', from: 'both' },
  )
  expect(found.map(({ signal, condition }) => [signal, condition])).toEqual([
    ['watch/a', 'heat is above 63'],
    ['watch/b', 'flow is below 1'],
    ['watch/c', '2 of hot, dry are set'],
  ])
  expect(found[0]?.inputs).toContainEqual({ source: 'pump', tag: 'temperature' })
})

test.each([
  ['a threshold without the priority', { name: 'a', kind: 'hub', from: 'hot' }],
  ['a measurement, however urgent', { ...urgent, name: 'a', from: 'heat' }],
  ['a value that goes elsewhere', { name: 'a', kind: 'sink', sink: 'broker', from: 'hot', priority: 'urgent' }],
])('%s is no alarm', (_, sink) => {
  expect(alarmsOf(sink)).toEqual([])
})

test('the alarm of a learned detector has its texts', () => {
  const flow = alarmFlow({ name: 'pump', source: 'plc', tags: ['a', 'b'], everyMs: 1_000, samples: 16 })
  expect(alarmSignalsOf(Flow.parse(flow))).toMatchObject([
    {
      signal: 'pump-alarm/alarms',
      condition: 'score is above 1 in 2 of the last 3 values',
      texts: [
        { signal: 'pump-alarm/suspects', name: 'suspect' },
        { signal: 'pump-alarm/causes', name: 'cause' },
      ],
    },
  ])
})
