import { expect, test } from 'vitest'
import { createSparkplugNode, type NodeMessage, type NodeMetric } from './sparkplug-node.ts'

const metric = (name: string | undefined, alias?: number): NodeMetric => ({
  name,
  alias: alias === undefined ? undefined : BigInt(alias),
  datatype: name === undefined ? undefined : 10,
})

const say = (
  type: NodeMessage<NodeMetric>['type'],
  seq: number | undefined,
  more: Partial<NodeMessage<NodeMetric>> = {},
): NodeMessage<NodeMetric> => ({ type, seq, device: undefined, bdSeq: undefined, metrics: [], ...more })

const nbirth = (seq = 0, bdSeq = 7) => say('NBIRTH', seq, { bdSeq, metrics: [metric('load', 1)] })
const dbirth = (seq = 1) => say('DBIRTH', seq, { device: 'press', metrics: [metric('speed', 2)] })

function born() {
  const node = createSparkplugNode<NodeMetric>()
  node.hear(nbirth())
  node.hear(dbirth())
  return node
}

test('a birth says what there is; data may then leave out names', () => {
  const node = born()
  expect(node.metrics().map(({ device, name }) => [device, name])).toEqual([
    [undefined, 'load'],
    ['press', 'speed'],
  ])
  const { told, needsRebirth } = node.hear(say('DDATA', 2, { device: 'press', metrics: [metric(undefined, 2)] }))
  expect(needsRebirth).toBe(false)
  expect(told.map(({ known }) => known)).toEqual([{ device: 'press', name: 'speed', alias: 2n, datatype: 10 }])
})

test('data before its birth is not taken, and the birth is asked for', () => {
  const node = createSparkplugNode<NodeMetric>()
  expect(node.hear(say('NDATA', 5, { metrics: [metric('load')] }))).toEqual({
    told: [],
    gone: undefined,
    needsRebirth: true,
  })
  expect(node.isOnline(undefined)).toBe(false)
})

test.each([
  ['a message is missing', say('NDATA', 3, { metrics: [metric('load')] })],
  ['a message came twice', say('NDATA', 1, { metrics: [metric('load')] })],
  ['an alias is unknown', say('NDATA', 2, { metrics: [metric(undefined, 9)] })],
  ['an alias belongs to another device', say('NDATA', 2, { metrics: [metric(undefined, 2)] })],
  ['a name is unknown', say('NDATA', 2, { metrics: [metric('other')] })],
  ['a device has not been born', say('DDATA', 2, { device: 'other', metrics: [metric('load')] })],
])('where %s nothing is known any more, and everything is asked for', (_, message) => {
  const node = born()
  expect(node.hear(message)).toEqual({ told: [], gone: 'node', needsRebirth: true })
  expect(node.isOnline('press')).toBe(false)
  // What follows is not believed before the birth.
  expect(node.hear(say('NDATA', 4, { metrics: [metric('load')] })).told).toEqual([])
  expect(node.hear(nbirth()).told).toHaveLength(1)
})

test('sequence numbers begin again after 255', () => {
  const node = createSparkplugNode<NodeMetric>()
  node.hear(nbirth(254))
  for (const seq of [255, 0, 1]) {
    expect(node.hear(say('NDATA', seq, { metrics: [metric('load')] })).told).toHaveLength(1)
  }
})

test('a death ends the connection that it belongs to, and no other', () => {
  const node = born()
  expect(node.hear(say('NDEATH', undefined, { bdSeq: 6 }))).toMatchObject({ gone: undefined })
  expect(node.isOnline('press')).toBe(true)
  expect(node.hear(say('NDEATH', undefined, { bdSeq: 7 }))).toEqual({ told: [], gone: 'node', needsRebirth: false })
  expect(node.isOnline(undefined)).toBe(false)
})

test('a device dies alone', () => {
  const node = born()
  expect(node.hear(say('DDEATH', 2, { device: 'press' }))).toMatchObject({ gone: { device: 'press' } })
  expect([node.isOnline('press'), node.isOnline(undefined)]).toEqual([false, true])
  expect(node.find('press', 'speed')).toBeUndefined()
  expect(node.hear(say('NDATA', 3, { metrics: [metric(undefined, 1)] })).told).toHaveLength(1)
})

test('a new birth replaces the devices of the one before', () => {
  const node = born()
  node.hear(nbirth(0, 8))
  expect(node.isOnline('press')).toBe(false)
  expect(node.hear(dbirth()).told).toHaveLength(1)
})
