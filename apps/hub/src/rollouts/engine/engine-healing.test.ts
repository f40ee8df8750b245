/** The engine after crashes, lost events and failures: it ends where it would have ended without them. */
import { expect, test } from 'vitest'
import type { FleetDevice } from '../../../test/stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'

const healthy = () => 'active' as const
const ALL_TOPICS = ['device.changed', 'items.changed', 'desired.changed', 'rollout.changed', 'device.retried'] as const

const wanted = (fleet: SimulatedFleet) =>
  Promise.all(fleet.devices.map(async (device) => (await fleet.wanted(device)).sensor))

/** Nobody hears anything: the engine sees only what is stored. */
const deafen = (fleet: SimulatedFleet) => {
  for (const topic of ALL_TOPICS) fleet.bus.lost.add(topic)
}

async function freshFleet(count: number) {
  const fleet = await openFleet()
  await fleet.addDevices(count)
  await fleet.addVersion('sensor', 1)
  return fleet
}

test('a crash between the change and the documents leaves no device behind', async () => {
  await using fleet = await freshFleet(3)
  // Applied and committed; the process dies before it derives a single document.
  deafen(fleet)
  await fleet.stop()
  await fleet.apply({ strategy: { waves: [{ limit: 1 }] } })
  expect(await wanted(fleet)).toEqual([undefined, undefined, undefined])
  fleet.restart()
  await fleet.run()
  expect((await wanted(fleet)).filter((version) => version === 1)).toHaveLength(1)
})

test('a crash between a report and its judgement is healed at the start', async () => {
  await using fleet = await freshFleet(2)
  await fleet.apply({})
  deafen(fleet)
  await fleet.stop()
  await fleet.report(fleet.devices, healthy)
  expect((await fleet.rollout()).status).toBe('rolling')
  fleet.restart()
  await fleet.run()
  expect((await fleet.rollout()).status).toBe('done')
})

test('a crash while devices were going is healed at the start', async () => {
  await using fleet = await freshFleet(2)
  await fleet.apply({})
  const [kept, removed] = fleet.devices as [FleetDevice, FleetDevice]
  await fleet.report([kept], healthy)
  await fleet.stop()
  await fleet.store.transaction(
    async (tx) => void (await tx.deleteFrom('devices').where('id', '=', removed.id).execute()),
  )
  fleet.restart()
  await fleet.run()
  expect((await fleet.rollout()).status).toBe('done')
})

test('lost events only delay: reports, joiners and changed labels are found by looking again', async () => {
  await using fleet = await freshFleet(2)
  await fleet.apply({ selector: 'device.labels.ring != "spare"', strategy: { waves: [{ limit: 1 }] } })
  deafen(fleet)
  await fleet.addDevices(1)
  await fleet.addDevices(1, { labels: { ring: 'spare' } })
  for (let round = 0; round < 3; round++) {
    await fleet.report(fleet.devices, healthy)
    await fleet.pass(10_000)
  }
  expect([(await fleet.rollout()).status, await wanted(fleet)]).toEqual(['done', [1, 1, 1, undefined]])
})

test('the look around comes to every device, however many there are', async () => {
  await using fleet = await freshFleet(450)
  await fleet.apply({ selector: 'device.labels.ring == "new"', strategy: { onFailure: 'abort' } })
  deafen(fleet)
  const last = fleet.devices.at(-1) as FleetDevice
  await fleet.store.transaction(
    async (tx) =>
      void (await tx
        .updateTable('devices')
        .set({ labels: '{"ring":"new"}' as never })
        .where('id', '=', last.id)
        .execute()),
  )
  await fleet.pass(10_000)
  expect((await wanted(fleet)).at(-1)).toBeUndefined()
  await fleet.pass(10_000)
  await fleet.pass(10_000)
  await fleet.pass(10_000)
  expect((await wanted(fleet)).at(-1)).toBe(1)
})

test('a failure is logged, loses nothing, and is tried again at the next tick', async () => {
  await using fleet = await freshFleet(2)
  await fleet.apply({})
  fleet.failing.isOn = true
  await fleet.report(fleet.devices, healthy)
  expect([fleet.errors.length > 0, (await fleet.rollout()).status]).toEqual([true, 'rolling'])
  fleet.failing.isOn = false
  await fleet.pass(1_000)
  expect((await fleet.rollout()).status).toBe('done')
  fleet.errors.length = 0
})

test('a rollout that cannot go on keeps no other waiting, and neither does a document that cannot be derived', async () => {
  await using fleet = await freshFleet(3)
  await fleet.addVersion('camera', 1)
  await fleet.addVersion('scale', 1)
  const stuck = await fleet.apply({})
  await fleet.apply({ name: 'camera', model: 'camera' })
  // Its counters do not fit its rows any more, so core refuses to go on.
  const broken = JSON.stringify({ status: 'rolling', wave: 0, waves: [] })
  await fleet.store.transaction(async (tx) => {
    await tx
      .updateTable('rollouts')
      .set({ state: broken as never })
      .where('id', '=', stuck.deployment.rolloutId)
      .execute()
  })
  await fleet.report(fleet.devices, healthy)
  await fleet.pass(10_000)
  expect([(await fleet.rollout()).status, (await fleet.rollout('camera')).status]).toEqual(['rolling', 'done'])
  expect(fleet.errors).not.toEqual([])
  // A version whose signature cannot be read: only the devices that shall run it are without their document.
  await fleet.store.transaction(async (tx) => {
    await tx
      .updateTable('versions')
      .set({ bundle: '{' as never })
      .where('model', '=', 'scale')
      .execute()
  })
  await fleet.apply({ name: 'scale', model: 'scale', selector: `device.name == "${fleet.devices[1]?.name}"` })
  await fleet.addVersion('camera', 2)
  await fleet.apply({ name: 'camera', model: 'camera' })
  const cameras = await Promise.all(fleet.devices.map(async (device) => (await fleet.wanted(device)).camera))
  expect(cameras).toEqual([2, 1, 2])
  fleet.errors.length = 0
})
