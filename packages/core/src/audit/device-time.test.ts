import { expect, test } from 'vitest'
import { deviceTimeOf } from './device-time.ts'

test('only a record of a device that arrived later has a time of its own', () => {
  const record = { action: 'local.agent-stopped', atMs: 600_000, detail: { entry: { atMs: 1_000 } } }
  expect(deviceTimeOf(record)).toBe(1_000)
  expect(deviceTimeOf({ ...record, atMs: 2_000 }), 'it arrived at once').toBeUndefined()
  expect(deviceTimeOf({ ...record, action: 'rollout.pause' })).toBeUndefined()
  expect(deviceTimeOf({ ...record, detail: {} })).toBeUndefined()
})
