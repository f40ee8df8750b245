/** The engine and devices that come, go, and change: who is in a rollout, and who gets nothing. */
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import type { FleetDevice } from '../../../test/stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'
import { setLabels, setStatus } from '../../devices/device-store.ts'

const canary = { waves: [{ name: 'canary', limit: '10%' }] }
const healthy = () => 'active' as const

/** Ten devices that run version 1, and version 2 on its way to them. */
async function rollingFleet(strategy: object) {
  const fleet = await openFleet()
  const devices = await fleet.addDevices(10)
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  expect((await fleet.rollout()).status).toBe('done')
  await fleet.apply({ version: '2', strategy })
  return fleet
}

/** The versions that the devices are asked to run. */
const wanted = (fleet: SimulatedFleet, devices: readonly FleetDevice[]) =>
  Promise.all(devices.map(async (device) => (await fleet.wanted(device)).sensor))

/** Changes a device as the handlers of devices do. */
async function changeDevice(
  fleet: SimulatedFleet,
  { id }: FleetDevice,
  change: 'remove' | 'revoked' | 'active' | 'conflict-paused' | 'quarantined' | Record<string, string>,
) {
  await fleet.store.transaction(async (tx) => {
    const row = await tx.selectFrom('devices').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    if (change === 'remove') await tx.deleteFrom('devices').where('id', '=', id).execute()
    else if (typeof change === 'string') await setStatus(tx, id, change)
    else await setLabels(tx, row, change)
  })
  fleet.bus.publish('device.changed', id)
  await fleet.run()
}

test('a device that joins late gets what is proven, then its wave; one that leaves stops serving it', async () => {
  await using fleet = await rollingFleet({ waves: [{ limit: 1 }] })
  const [late] = (await fleet.addDevices(1)) as [FleetDevice]
  fleet.bus.publish('device.changed', late.id)
  await fleet.run()
  expect([await wanted(fleet, [late]), (await fleet.outcomes()).at(-1)]).toEqual([[1], 'waiting'])
  await fleet.report(await fleet.offered(), healthy)
  expect(await wanted(fleet, [late])).toEqual([2])
  await fleet.report(fleet.devices, healthy)
  expect((await fleet.rollout()).status).toBe('done')
  await fleet.apply({ version: '2', selector: '!has(device.labels.spare)' })
  await changeDevice(fleet, late, { spare: 'yes' })
  expect([await wanted(fleet, [late]), (await fleet.outcomes()).at(-1)]).toEqual([[undefined], undefined])
})

test('of devices that leave together, one may be offered what another of them makes room for, and is counted from where it stands', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(3)
  await fleet.addVersion('sensor', 1)
  const strategy = { budget: { groupBy: 'site.name', maxUnavailable: 1 } }
  await fleet.apply({ version: '1', selector: '!has(device.labels.spare)', strategy })
  const [asked, next, last] = devices.toSorted((a, b) => (a.id < b.id ? -1 : 1)) as [
    FleetDevice,
    FleetDevice,
    FleetDevice,
  ]
  expect(await fleet.offered()).toEqual([asked])
  await fleet.store.transaction(async (tx) => {
    for (const { id } of [asked, next]) {
      const row = await tx.selectFrom('devices').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
      await setLabels(tx, row, { spare: 'yes' })
    }
  })
  for (const { id } of [asked, next]) fleet.bus.publish('device.changed', id)
  await fleet.run()
  expect(await fleet.offered()).toEqual([last])
  expect((await fleet.rollout()).waves[0]?.counts).toMatchObject({ waiting: 0, offered: 1 })
})

test('late joiners are held, or placed by the waves', async () => {
  const lateIn = async (lateJoiners: string) => {
    await using fleet = await rollingFleet({
      waves: [{ name: 'canary', selector: 'device.labels.ring == "canary"', failuresMax: 5 }],
      lateJoiners,
    })
    await fleet.steer('resume')
    const [late] = (await fleet.addDevices(1, { labels: { ring: 'canary' } })) as [FleetDevice]
    fleet.bus.publish('device.changed', late.id)
    await fleet.run()
    const during = await wanted(fleet, [late])
    await fleet.report(fleet.devices, healthy)
    await fleet.report(fleet.devices, healthy)
    return [during, (await fleet.rollout()).status, await wanted(fleet, [late])]
  }
  expect(await lateIn('hold')).toEqual([[1], 'done', [2]])
  expect(await lateIn('wave')).toEqual([[2], 'done', [2]])
})

test('a deployment made before its first device begins with it', async () => {
  await using fleet = await openFleet()
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ strategy: canary })
  await fleet.pass(100_000)
  expect((await fleet.rollout()).status).toBe('rolling')
  const [first] = (await fleet.addDevices(1)) as [FleetDevice]
  fleet.bus.publish('device.changed', first.id)
  await fleet.run()
  await fleet.report([first], healthy)
  expect([(await fleet.rollout()).status, await fleet.outcomes()]).toEqual(['done', ['healthy']])
})

test('pending, revoked and conflict-paused devices get nothing new, and what they missed when they are back', async () => {
  await using fleet = await openFleet()
  const [pending] = (await fleet.addDevices(1, { status: 'pending' })) as [FleetDevice]
  const [steady, paused, revoked] = (await fleet.addDevices(3)) as [FleetDevice, FleetDevice, FleetDevice]
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  await fleet.apply({ version: '1' })
  await fleet.report([steady, paused, revoked], healthy)
  expect([(await fleet.rollout()).status, await wanted(fleet, [pending])]).toEqual(['done', [undefined]])
  await changeDevice(fleet, paused, 'conflict-paused')
  await changeDevice(fleet, revoked, 'revoked')
  await fleet.apply({ version: '2' })
  expect(await wanted(fleet, [steady, paused, revoked])).toEqual([2, 1, 1])
  await fleet.report([steady], healthy)
  expect((await fleet.rollout()).status).toBe('done')
  await changeDevice(fleet, paused, 'active')
  await changeDevice(fleet, pending, 'active')
  expect(await wanted(fleet, [paused, pending])).toEqual([2, 2])
})

test('a quarantined device is left out, keeps what it runs, and is asked anew when it is released', async () => {
  await using fleet = await rollingFleet({ waves: [{ limit: 2 }] })
  const [suspect, other] = (await fleet.offered()) as [FleetDevice, FleetDevice]
  await changeDevice(fleet, suspect, 'quarantined')
  const generation = (await fleet.row(suspect)).generation
  await fleet.report([other], healthy)
  expect((await fleet.outcomes()).filter((outcome) => outcome === 'skipped')).toHaveLength(1)
  // The wave passed without it.
  expect(await fleet.offered()).toHaveLength(8)
  expect((await fleet.row(suspect)).generation).toBe(generation)
  await changeDevice(fleet, suspect, 'active')
  expect(await wanted(fleet, [suspect])).toEqual([2])
  await fleet.report(fleet.devices, healthy)
  expect([(await fleet.rollout()).status, new Set(await fleet.outcomes())]).toEqual(['done', new Set(['healthy'])])
})

test('a rollout that begins meanwhile does not have a quarantined device, which keeps what it runs', async () => {
  await using fleet = await openFleet()
  const [suspect, other] = (await fleet.addDevices(2)) as [FleetDevice, FleetDevice]
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  await fleet.apply({ version: '1' })
  await fleet.report([suspect, other], healthy)
  await changeDevice(fleet, suspect, 'quarantined')
  await fleet.apply({ version: '2' })
  expect(await wanted(fleet, [suspect, other])).toEqual([1, 2])
  await fleet.report([other], healthy)
  expect((await fleet.rollout()).status).toBe('done')
  await changeDevice(fleet, suspect, 'active')
  expect(await wanted(fleet, [suspect])).toEqual([2])
})

test('a removed device stops counting at once', async () => {
  await using fleet = await openFleet()
  const [kept, removed] = (await fleet.addDevices(2)) as [FleetDevice, FleetDevice]
  await fleet.addVersion('sensor', 1)
  await fleet.apply({})
  await fleet.report([kept], healthy)
  expect((await fleet.rollout()).status).toBe('rolling')
  await changeDevice(fleet, removed, 'remove')
  expect([(await fleet.rollout()).status, await fleet.outcomes()]).toEqual(['done', ['healthy', undefined]])
})

test('a device that follows another document under the same number gets the next number when it is resumed', async () => {
  await using fleet = await openFleet()
  const [device] = (await fleet.addDevices(1)) as [FleetDevice]
  await fleet.addVersion('sensor', 1)
  await fleet.apply({})
  // The hub was set back to a backup, and gave out a number again that the device had seen already.
  await fleet.store.transaction(async (tx) => {
    await tx
      .updateTable('device_reports')
      .set({ observed_generation: 1, observed_digest: fakeDigest(7) })
      .where('device_id', '=', device.id)
      .execute()
  })
  await changeDevice(fleet, device, 'conflict-paused')
  expect((await fleet.row(device)).generation).toBe(1)
  await changeDevice(fleet, device, 'active')
  expect([(await fleet.row(device)).generation, await wanted(fleet, [device])]).toEqual([2, [1]])
  await fleet.report([device], healthy)
  await fleet.pass(60_000)
  expect((await fleet.row(device)).generation, 'once').toBe(2)
})
