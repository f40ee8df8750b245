import { expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { servingByModel } from '../models/version-use.ts'
import { deploymentViews, findDeployment } from './deployment-store.ts'
import { withVersionCounts } from './version-count-store.ts'

const CANARY = { waves: [{ name: 'canary', limit: 1, soakSeconds: 60 }] }

async function fleetOf(count: number) {
  const fleet = await openFleet()
  const devices = await fleet.addDevices(count)
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  return { fleet, devices }
}

async function shown(fleet: SimulatedFleet) {
  const deployment = await findDeployment(fleet.store.db, fleet.organisationId, 'sensor')
  const [view] = await deploymentViews(fleet.store.db, deployment ? [deployment] : [], fleet.clock.ms)
  const [rollout] = await withVersionCounts(fleet.store.db, [await fleet.rollout()], fleet.clock.ms)
  if (!view || !rollout) throw new Error('no deployment')
  expect(rollout, 'the deployment and its rollout show the same').toMatchObject({
    wanted: view.wanted,
    running: view.running,
  })
  const { wanted, running, devices } = view
  return { wanted, running, devices, joinedLater: rollout.joinedLater }
}

const on = (version: number, devices: number) => ({ version, devices })

test('after a rollback in mid-canary the earlier version is wanted, and runs once the device reports it', async () => {
  const { fleet, devices } = await fleetOf(2)
  await using _ = fleet
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  expect(await shown(fleet)).toEqual({
    wanted: { versions: [on(1, 2)], none: 0 },
    running: { versions: [on(1, 2)], none: 0, failed: 0 },
    devices: { total: 2, healthy: 2 },
    joinedLater: undefined,
  })
  await fleet.apply({ version: '2', strategy: CANARY })
  await fleet.report(devices, () => 'active')
  expect(await shown(fleet)).toMatchObject({
    wanted: { versions: [on(1, 1), on(2, 1)], none: 0 },
    running: { versions: [on(1, 1), on(2, 1)], failed: 0 },
    devices: { total: 2, healthy: 1 },
  })
  await fleet.steer('rollback')
  expect(await shown(fleet)).toMatchObject({
    wanted: { versions: [on(1, 2)], none: 0 },
    running: { versions: [on(1, 1), on(2, 1)] },
    devices: { total: 2, healthy: 0 },
  })
  await fleet.report(devices, () => 'active')
  expect(await shown(fleet)).toMatchObject({ running: { versions: [on(1, 2)], none: 0, failed: 0 } })
})

test('a device that is silent is counted apart, from the end of its connection until it reports again', async () => {
  const { fleet, devices } = await fleetOf(3)
  await using _ = fleet
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  const running = async () => (await shown(fleet)).running
  const models = async () =>
    (
      await servingByModel(fleet.store.db, {
        organisationId: fleet.organisationId,
        names: ['sensor'],
        nowMs: fleet.clock.ms,
      })
    ).get('sensor')
  const [first] = devices
  if (!first) throw new Error('no device')
  await fleet.leave(first, 'closed')
  expect(await running()).toEqual({ versions: [{ ...on(1, 3), silent: 1 }], none: 0, failed: 0 })
  expect(await models()).toEqual([{ ...on(1, 3), silent: 1 }])
  fleet.clock.ms += 10 * 60_000
  expect((await running())?.versions, 'the reports of all are outdated').toEqual([{ ...on(1, 3), silent: 3 }])
  await fleet.report(devices.slice(1), () => 'active')
  expect((await running())?.versions).toEqual([{ ...on(1, 3), silent: 1 }])
  expect(await models()).toEqual([{ ...on(1, 3), silent: 1 }])
})

test('a device that joins a finished rollout and fails is counted, and the rollout names it', async () => {
  const { fleet, devices } = await fleetOf(1)
  await using _ = fleet
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  const late = await fleet.addDevices(1)
  for (const { id } of late) fleet.bus.publish('device.changed', id)
  await fleet.run()
  expect(await shown(fleet)).toMatchObject({
    wanted: { versions: [on(1, 2)], none: 0 },
    running: { versions: [on(1, 1)], none: 1, failed: 0 },
    devices: { total: 2, healthy: 1 },
    joinedLater: { waiting: 1, failed: 0 },
  })
  await fleet.report(late, () => 'failed')
  expect((await fleet.rollout()).status).toBe('done')
  expect(await shown(fleet)).toMatchObject({
    running: { versions: [on(1, 1)], none: 1, failed: 1 },
    devices: { total: 2, healthy: 1 },
    joinedLater: { waiting: 0, failed: 1 },
  })
})

test('a device that fails serves its earlier version, and is counted in both', async () => {
  const { fleet, devices } = await fleetOf(3)
  await using _ = fleet
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  await fleet.apply({ version: '2', strategy: { waves: [{ name: 'all', failuresMax: 1 }] } })
  const [first] = devices
  await fleet.report(devices, (_item, device) => (device === first ? 'failed' : 'active'))
  expect((await shown(fleet)).running).toMatchObject({ versions: [on(1, 1), on(2, 2)], none: 0, failed: 1 })
})

test('a revoked device is not counted, although its last report stays', async () => {
  const { fleet, devices } = await fleetOf(2)
  await using _ = fleet
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  const id = devices[0]?.id
  await fleet.store.transaction(async (tx) => {
    await tx
      .updateTable('devices')
      .set({ status: 'revoked' })
      .where('id', '=', id ?? ('' as never))
      .execute()
  })
  if (id) fleet.bus.publish('device.changed', id)
  await fleet.run()
  expect(await shown(fleet)).toMatchObject({
    wanted: { versions: [on(1, 1)], none: 0 },
    running: { versions: [on(1, 1)], none: 0, failed: 0 },
  })
})

test('a device that waits for its first version runs none', async () => {
  const { fleet } = await fleetOf(3)
  await using _ = fleet
  await fleet.apply({ version: '1', strategy: CANARY })
  expect(await shown(fleet)).toMatchObject({
    wanted: { versions: [on(1, 1)], none: 2 },
    running: { versions: [], none: 3, failed: 0 },
  })
})

test('the queries for a list do not grow with its rows', async () => {
  const { fleet, devices } = await fleetOf(2)
  await using _ = fleet
  const names = ['sensor', 'second', 'third']
  for (const name of names.slice(1)) await fleet.addVersion(name, 1)
  for (const name of names) await fleet.apply({ name, deployable: name, version: '1' })
  await fleet.report(devices, () => 'active')
  const found = await Promise.all(names.map((name) => findDeployment(fleet.store.db, fleet.organisationId, name)))
  const deployments = found.flatMap((deployment) => deployment ?? [])
  const queriesOf = async (rows: typeof deployments) => {
    const before = fleet.counts.queries
    const views = await deploymentViews(fleet.store.db, rows, fleet.clock.ms)
    expect(views.every(({ running }) => running?.versions[0]?.devices === 2)).toBe(true)
    return fleet.counts.queries - before
  }
  expect(await queriesOf(deployments)).toBe(await queriesOf(deployments.slice(0, 1)))
})
