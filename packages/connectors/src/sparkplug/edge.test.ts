import { fromBinary } from '@bufbuild/protobuf'
import { PayloadSchema } from '@skerry/connectors/generated/sparkplug_b_pb'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { expect, test } from 'vitest'
import { createEdge, type EdgeMessage } from './edge.ts'

const value = (more: Partial<SinkValue> & Pick<SinkValue, 'signal'>): SinkValue =>
  ({
    eventTimeMs: 1,
    quality: 'good',
    value: 81.5,
    ...more,
  }) as SinkValue

/** The messages with their metrics and the units in them. */
const seen = (messages: readonly EdgeMessage[]) =>
  messages.map(({ type, device, payload }) => ({
    type,
    device,
    units: Object.fromEntries(
      fromBinary(PayloadSchema, payload)
        .metrics.filter(({ name }) => name !== '' && name !== 'bdSeq' && name !== 'Node Control/Rebirth')
        .map(({ name, properties }) => {
          const property = properties?.values[properties.keys.indexOf('engUnit')]?.value
          return [name, property?.case === 'stringValue' ? property.value : undefined]
        }),
    ),
  }))

test('a birth states the unit of each metric, and another unit causes another birth', () => {
  const edge = createEdge(0, new Map())
  const hot = value({ signal: 'press-7/temperature', source: 'press-7', tag: 'temperature', unit: '°C' })
  expect(seen(edge.tell([hot], false, 2))).toMatchObject([
    { type: 'DBIRTH', device: 'press-7', units: { temperature: '°C' } },
    { type: 'DDATA', units: {} },
  ])
  expect(seen(edge.tell([hot], false, 3))).toMatchObject([{ type: 'DDATA' }])
  expect(seen(edge.tell([{ ...hot, unit: '°F' }], false, 4))).toMatchObject([
    { type: 'DBIRTH', units: { temperature: '°F' } },
    { type: 'DDATA' },
  ])
})

test('a value of a flow stays a metric of the node, and does not pass for the tag that it comes from', () => {
  const edge = createEdge(0, new Map())
  const score = value({ signal: 'watch/score', flow: 'watch', source: 'press-7', tag: 'temperature', unit: '1/h' })
  expect(seen(edge.tell([score], false, 2))).toMatchObject([
    { type: 'NBIRTH', device: undefined, units: { 'watch/score': '1/h' } },
    { type: 'NDATA', device: undefined },
  ])
})
