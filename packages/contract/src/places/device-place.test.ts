import { expect, test } from 'vitest'
import { Inventory, SentInventory } from '../devices/device.ts'

const machine = {
  hostname: 'press',
  arch: 'x64',
  os: 'linux 6.1',
  cpuModel: 'x',
  cpuCount: 4,
  memoryBytes: 1,
  diskFreeBytes: 1,
  capabilities: [],
  opsetMax: 26,
}

test('the hub reads the line and the statements of a device, and an older device has neither', () => {
  const line = { metered: true, bandwidthMbps: 20, lossPercent: 0.5 }
  const stated = { clearance: 'internal', country: 'DE' }
  expect(SentInventory.parse({ ...machine, line, stated })).toMatchObject({ line, stated })
  expect(SentInventory.parse(machine)).not.toHaveProperty('line')
})

test('a newer agent may know more of its line, and an unreadable part is dropped alone', () => {
  const sent = { ...machine, line: { metered: true, jitterMs: 3 }, stated: { country: 'Germany' } }
  const read = SentInventory.parse(sent)
  expect(read).toMatchObject({ hostname: 'press', line: { metered: true } })
  expect(read.stated).toBeUndefined()
  // The form that the API answers with is strict.
  expect(Inventory.safeParse({ ...machine, line: { jitterMs: 3 } }).success).toBe(false)
})
