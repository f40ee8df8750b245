import { DeviceStatus } from '@skerry/contract/devices/device'
import { expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { livenessOf } from '../devices/liveness.ts'
import { scanFleet } from '../selectors/fleet-scan.ts'
import { deviceSums, fleetStatus } from './fleet-status.ts'

/** The sums of the devices, judged one by one. */
async function judged({ store, organisationId, clock }: SimulatedFleet) {
  const states = []
  for await (const { row } of scanFleet(store.db, organisationId, clock.ms)) {
    states.push({ status: row.status, liveness: livenessOf(row, clock.ms), ended: row.link_ended, count: 1 })
  }
  return deviceSums(states)
}

test('the counts of the devices are those of the devices judged one by one', async () => {
  await using fleet = await openFleet({})
  const { store, organisationId, clock } = fleet
  const counted = async () => (await fleetStatus(store.db, organisationId, clock.ms)).devices
  expect(await counted()).toEqual(await judged(fleet))

  const early = await fleet.addDevices(28)
  clock.ms += 3_600_000
  const late = await fleet.addDevices(28)
  for (const [index, device] of [...early, ...late].entries()) {
    const status = DeviceStatus.options[index % DeviceStatus.options.length] ?? 'active'
    await store.transaction(async (tx) => {
      await tx.updateTable('devices').set({ status }).where('id', '=', device.id).execute()
      if (index % 4 === 3) await tx.deleteFrom('device_reports').where('device_id', '=', device.id).execute()
    })
    if (index % 4 === 1) await fleet.leave(device, 'goodbye')
    if (index % 4 === 2) await fleet.leave(device, 'closed')
  }
  const counts = await counted()
  expect(counts).toEqual(await judged(fleet))
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0)

  await store.transaction((tx) => tx.updateTable('devices').set({ status: 'active' }).execute())
  expect(await counted()).toEqual(await judged(fleet))
})
