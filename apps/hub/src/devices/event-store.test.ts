import { DEVICE_EVENTS_MAX, type DeviceChange, DeviceEvent } from '@skerry/contract/devices/device-event'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { deleteDevice } from './device-store.ts'
import { appendEvents, listEvents } from './event-store.ts'

let fleet: SimulatedFleet
let device: { id: SimulatedFleet['devices'][number]['id']; organisation_id: SimulatedFleet['organisationId'] }
beforeEach(async () => {
  fleet = await openFleet()
  const [added] = await fleet.addDevices(1)
  if (!added) throw new Error('no device')
  device = { id: added.id, organisation_id: fleet.organisationId }
})
afterEach(() => fleet[Symbol.asyncDispose]())

const generation = (after: number): DeviceChange => ({ kind: 'generation', before: after - 1, after })
const append = (changes: DeviceChange[]) =>
  fleet.store.transaction((tx) => appendEvents(tx, { device, atMs: fleet.clock.ms, changes }))
const list = (query: Partial<Parameters<typeof listEvents>[1]> = {}) =>
  listEvents(fleet.store.db, { deviceId: device.id, limit: 1_000, before: undefined, kind: undefined, ...query })
const rows = async () => (await fleet.store.db.selectFrom('device_events').select('sequence').execute()).length

test('keeps the newest events of a device, counted on, and reads them by pages and by kind', async () => {
  await append([{ kind: 'condition-cleared', code: 'disk_low' }])
  for (let round = 0; round < 6; round++) {
    await append(Array.from({ length: 100 }, (_, index) => generation(round * 100 + index + 1)))
  }
  const all = await list()
  expect(all).toHaveLength(DEVICE_EVENTS_MAX)
  expect(await rows()).toBe(DEVICE_EVENTS_MAX)
  expect(all[0]?.change).toEqual(generation(600))
  // What the first report told, and one condition, came before the six hundred.
  expect(all.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: DEVICE_EVENTS_MAX }, (_, back) => 602 - back),
  )
  expect(await list({ before: 200, limit: 3 })).toMatchObject([{ sequence: 199 }, { sequence: 198 }, { sequence: 197 }])
  expect(await list({ kind: 'condition-cleared' })).toEqual([])
  expect(await list({ kind: 'generation', limit: 1 })).toEqual([all[0]])
  expect(DeviceEvent.parse(all[0])).toEqual(all[0])
})

test('more at once than are kept leaves the newest', async () => {
  await append(Array.from({ length: DEVICE_EVENTS_MAX + 50 }, (_, index) => generation(index + 1)))
  const all = await list()
  expect(all).toHaveLength(DEVICE_EVENTS_MAX)
  expect(all.at(-1)?.change).toEqual(generation(51))
})

test('nothing to tell asks nothing of the database', async () => {
  const { queries } = fleet.counts
  await append([])
  expect(fleet.counts.queries).toBe(queries)
})

test('what is undone leaves no event, and a device that is removed takes its own along', async () => {
  const failing = fleet.store.transaction(async (tx) => {
    await appendEvents(tx, { device, atMs: 0, changes: [generation(1)] })
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await list({ kind: 'generation' })).toEqual([])
  expect(await rows()).toBeGreaterThan(0)
  await fleet.store.transaction((tx) => deleteDevice(tx, device.id))
  expect(await rows()).toBe(0)
})
