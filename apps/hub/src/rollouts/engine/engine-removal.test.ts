import { expect, test } from 'vitest'
import type { FleetDevice } from '../../../test/stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'
import { emptiedDeployments } from '../../alerts/rollout-facts.ts'
import { findDeployment } from '../../deployments/deployment-store.ts'
import { explainDevice } from '../../deployments/explain-device.ts'
import { setLabels } from '../../devices/device-store.ts'
import { contestedDevices } from '../leaving-rows.ts'

const healthy = () => 'active' as const
const ONE = 'device.name == "device-0000"'
const canary = { waves: [{ name: 'canary', limit: 1, soakSeconds: 60 }] }

/** Three devices that run version 2 of the deployment, whose rollout is done. */
async function servingFleet() {
  const fleet = await openFleet()
  const devices = (await fleet.addDevices(3)) as [FleetDevice, FleetDevice, FleetDevice]
  for (const version of [1, 2, 3]) await fleet.addVersion('sensor', version)
  await fleet.apply({ version: '2' })
  await fleet.report(devices, healthy)
  expect((await fleet.rollout()).status).toBe('done')
  return { fleet, devices }
}

const served = (fleet: SimulatedFleet) =>
  Promise.all(fleet.devices.map(async (device) => (await fleet.wanted(device)).sensor ?? 0))

async function explained(fleet: SimulatedFleet, device: FleetDevice) {
  const deployment = await findDeployment(fleet.store.db, fleet.organisationId, 'sensor')
  if (!deployment) throw new Error('no deployment')
  return (await explainDevice(fleet.store.db, { deployment, row: await fleet.row(device), nowMs: fleet.clock.ms }))
    .summary
}

test('a device that a revision no longer picks keeps its version until all waves are healthy, then removes it', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  const { leavers } = await fleet.apply({ version: '3', selector: ONE, strategy: canary })
  expect(leavers.map(({ name }) => name)).toEqual(['device-0001', 'device-0002'])
  expect(await served(fleet)).toEqual([3, 2, 2])
  expect(await explained(fleet, devices[1])).toContain('it keeps its version until all waves are healthy')
  await fleet.report(devices, healthy)
  await fleet.pass(59_000)
  expect(await served(fleet), 'the canary soaks').toEqual([3, 2, 2])
  await fleet.pass(2_000)
  expect(await served(fleet)).toEqual([3, 0, 0])
  expect((await fleet.rollout()).status, 'nobody has said that the model is gone').toBe('rolling')
  await fleet.report(devices, healthy)
  await fleet.pass(3_000)
  const rollout = await fleet.rollout()
  expect(rollout.status).toBe('done')
  expect(rollout.waves.at(-1)).toMatchObject({ name: 'removal', limits: { isRemoval: true }, counts: { healthy: 2 } })
  expect(await explained(fleet, devices[1])).toContain('the model is removed there')
})

test.each(['rollback', 'abort'] as const)('%s before the removal keeps the model everywhere', async (wish) => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  await fleet.apply({ version: '3', selector: ONE, strategy: canary })
  await fleet.steer(wish)
  await fleet.report(devices, healthy)
  await fleet.pass(100_000)
  expect(await served(fleet)).toEqual([2, 2, 2])
})

test('a rollback while devices are being removed gives the model back to them', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  const budget = { maxUnavailable: 1 }
  await fleet.apply({ version: '3', selector: ONE, strategy: { budget } })
  await fleet.report(devices, healthy)
  await fleet.pass(1_000)
  expect((await served(fleet)).toSorted(), 'the budget lets one device leave at a time').toEqual([0, 2, 3])
  await fleet.report(devices, healthy)
  await fleet.pass(3_000)
  expect(await served(fleet)).toEqual([3, 0, 0])
  await fleet.steer('rollback')
  expect(await served(fleet)).toEqual([2, 2, 2])
})

test('under a budget, a leaver that is silent past its time keeps nobody else from leaving', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  await fleet.apply({ version: '3', selector: ONE, strategy: { budget: { maxUnavailable: 1 } } })
  await fleet.report(devices, healthy)
  await fleet.pass(1_000)
  expect((await served(fleet)).toSorted(), 'one device is asked, and is silent').toEqual([0, 2, 3])
  await fleet.pass(86_400_000)
  await fleet.pass(1_000)
  expect(await served(fleet)).toEqual([3, 0, 0])
  await fleet.pass(86_400_000)
  await fleet.pass(1_000)
  expect((await fleet.rollout()).status).toBe('done')
})

test('a rollout that rolls itself back restores every device', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  await fleet.apply({ version: '3', selector: ONE, strategy: { ...canary, onFailure: 'rollback-all' } })
  await fleet.report(devices, ({ version }) => (version === 3 ? 'failed' : 'active'))
  expect((await fleet.rollout()).status).toBe('rolled-back')
  expect(await served(fleet)).toEqual([2, 2, 2])
  // What was rolled back is no reason to forget them: the next revision asks anew.
  const { leavers } = await fleet.apply({ version: '2', selector: ONE })
  expect(leavers).toHaveLength(2)
})

test('a removal waits for its window and for a person, as the waves before it do', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  // The clock of the fleet stands at 08:00 UTC.
  const window = { install: { cron: '0 9 * * *', timeZone: 'UTC', durationSeconds: 3_600 } }
  const strategy = { waves: [{ name: 'all', approval: true }], window }
  await fleet.apply({ version: '2', selector: ONE, strategy })
  await fleet.report(devices, healthy)
  await fleet.pass(1_000)
  expect((await fleet.rollout()).waves.at(-1)?.awaitedSinceMs, 'the removal waits for approval').toBeDefined()
  await fleet.steer('approve')
  expect(await served(fleet), 'the window is shut').toEqual([2, 2, 2])
  await fleet.pass(3_700_000)
  expect(await served(fleet)).toEqual([2, 0, 0])
})

test('a selector that picks nobody takes the model from all, and a rollback gives it back', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  const { leavers, picked } = await fleet.apply({ version: '2', selector: 'false' })
  expect([leavers.length, picked]).toEqual([3, 0])
  await fleet.pass(1_000)
  expect(await served(fleet)).toEqual([0, 0, 0])
  await fleet.report(devices, healthy)
  await fleet.pass(3_000)
  expect(await emptiedDeployments(fleet.store.db, fleet.organisationId)).toMatchObject([{ deployment: 'sensor' }])
  await fleet.steer('rollback')
  expect(await served(fleet)).toEqual([2, 2, 2])
  expect(await emptiedDeployments(fleet.store.db, fleet.organisationId)).toEqual([])
})

test('a wider selector takes devices back that are leaving, and one that has left joins anew', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  await fleet.apply({ version: '3', selector: ONE, strategy: canary })
  await fleet.apply({ version: '3', strategy: canary })
  expect((await served(fleet)).filter((version) => version === 2)).toHaveLength(2)
  await fleet.apply({ version: '2', selector: ONE })
  await fleet.report(devices, healthy)
  await fleet.pass(1_000)
  await fleet.report(devices, healthy)
  await fleet.pass(3_000)
  expect([(await fleet.rollout()).status, await served(fleet)]).toEqual(['done', [2, 0, 0]])
  const { leavers } = await fleet.apply({ version: '3', strategy: canary })
  expect(leavers).toEqual([])
  expect((await served(fleet)).toSorted(), 'only the canary is offered anything new').not.toContain(1)
})

test('a device whose own labels change leaves at once, and explain says so', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  await fleet.apply({ version: '2', selector: 'device.labels.line != "b"' })
  await fleet.report(devices, healthy)
  await fleet.store.transaction(async (tx) => {
    const row = await tx.selectFrom('devices').selectAll().where('id', '=', devices[2].id).executeTakeFirstOrThrow()
    await setLabels(tx, row, { line: 'b' })
  })
  fleet.bus.publish('device.changed', devices[2].id)
  await fleet.run()
  expect(await served(fleet)).toEqual([2, 2, 0])
  expect(await explained(fleet, devices[2])).toContain('so the device removes the model at once')
})

test('another deployment that waits for the name takes over once the device has been given up', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  await fleet.pass(1)
  await fleet.apply({ name: 'younger', version: '1' })
  expect(await served(fleet)).toEqual([2, 2, 2])
  await fleet.apply({ version: '3', selector: ONE, strategy: canary })
  await fleet.report(devices, healthy)
  await fleet.pass(30_000)
  expect(await served(fleet), 'the older one has not given it up').toEqual([3, 2, 2])
  await fleet.pass(40_000)
  await fleet.pass(3_000)
  expect(await served(fleet)).toEqual([3, 1, 1])
  expect(await contestedDevices(fleet.store.db), 'nobody waits for a name that is free').toEqual([])
  // Who waits for a name that another has is looked at when that changes, whatever was given up on the device before.
  await fleet.pass(1)
  await fleet.apply({ name: 'youngest', version: '1' })
  await fleet.addVersion('other', 1)
  for (const name of ['other', 'other-too']) {
    await fleet.pass(1)
    await fleet.apply({ name, model: 'other', version: '1' })
  }
  await fleet.pass(3_000)
  const conflicts = await fleet.store.db.selectFrom('deployment_conflicts').select('device_id').execute()
  expect([conflicts.length, await contestedDevices(fleet.store.db)]).toEqual([7, []])
})

test('the first devices of a revision that picked nobody go through its waves from the first one on', async () => {
  const { fleet, devices } = await servingFleet()
  await using _ = fleet
  const updated = async () => (await served(fleet)).filter((version) => version === 3).length
  await fleet.apply({ version: '3', selector: 'device.labels.line == "new"', strategy: canary })
  expect(await served(fleet)).toEqual([0, 0, 0])
  await fleet.report(devices.slice(1), healthy)
  const added = await fleet.addDevices(4, { labels: { line: 'new' } })
  for (const { id } of added) fleet.bus.publish('device.changed', id)
  await fleet.run()
  expect(await updated(), 'only the canary is asked').toBe(1)
  expect((await served(fleet)).slice(0, 3), 'nobody is given the model back').toEqual([0, 0, 0])
  await fleet.report(added, healthy)
  await fleet.pass(59_000)
  expect(await updated(), 'the canary soaks').toBe(1)
  await fleet.pass(2_000)
  expect(await updated()).toBe(4)
  await fleet.report(fleet.devices, healthy)
  await fleet.pass(3_000)
  expect((await fleet.rollout()).status).toBe('done')
})

test.each(['revoked', 'wiped', 'wiping', 'pending'] as const)(
  'a rollout does not wait for a leaver that is %s',
  async (status) => {
    const { fleet, devices } = await servingFleet()
    await using _ = fleet
    await fleet.apply({ version: '2', selector: ONE })
    await fleet.report(devices.slice(0, 2), healthy)
    await fleet.pass(1_000)
    await fleet.report(devices.slice(0, 2), healthy)
    await fleet.pass(3_000)
    expect((await fleet.rollout()).status, 'one device has not said that the model is gone').toBe('rolling')
    await fleet.store.transaction((tx) =>
      tx.updateTable('devices').set({ status }).where('id', '=', devices[2].id).execute(),
    )
    fleet.bus.publish('device.changed', devices[2].id)
    await fleet.run()
    expect((await fleet.rollout()).status).toBe('done')
  },
)
