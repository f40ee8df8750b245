import type { ConnectionStatus, HubQueueStatus } from '@skerry/contract/connections/connection'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, test } from 'vitest'
import { createConditions } from '../conditions.ts'
import { tellConditions } from './connection-conditions.ts'

const cause = { code: 'connector_crashed', message: 'the disk is gone' }
const since = { sinceMs: 0, cause }
const one = (kind: ConnectionStatus['kind'], name: string, state: ConnectionStatus['state']): ConnectionStatus => ({
  kind,
  name,
  digest: digestOf(name),
  state,
  ...since,
})

test('what is left alone is a condition until it runs again: sources, sinks, and the queue for the hub', () => {
  const conditions = createConditions({ warn: () => undefined, info: () => undefined }, () => undefined)
  const tell = (running: ConnectionStatus[], state?: HubQueueStatus['state']) => {
    tellConditions(conditions, { running, hubQueue: state && { state, ...since } })
    return conditions.list()
  }
  expect(tell([one('source', 'press', 'down'), one('sink', 'history', 'crashed')], 'crashed')).toEqual([])
  const left = [
    one('source', 'press', 'quarantined'),
    one('source', 'line', 'quarantined'),
    one('sink', 'x', 'refused'),
  ]
  expect(tell(left, 'quarantined')).toEqual([
    { code: 'source_quarantined', message: 'press: the disk is gone; line: the disk is gone' },
    { code: 'sink_refused', message: 'x: the disk is gone' },
    { code: 'hub_queue_quarantined', message: 'the disk is gone' },
  ])
  expect(tell([], 'down')).toEqual([])
  tell([], 'quarantined')
  expect(tell([])).toEqual([])
})
