import { expect, test } from 'vitest'
import type { FleetDevice } from '../../test/stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { setLabels } from '../devices/device-store.ts'
import { deploymentViews, findDeployment } from './deployment-store.ts'
import { explainDevice } from './explain-device.ts'
import { removeDeployment } from './remove-deployment.ts'

const healthy = () => 'active' as const

async function fleetOf(count: number) {
  const fleet = await openFleet()
  const devices = await fleet.addDevices(count)
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  return { fleet, devices }
}

/** The items of each device's document, as `deployment/version`. */
async function owners(fleet: SimulatedFleet) {
  const rows = await fleet.store.db.selectFrom('deployments').select(['id', 'name']).execute()
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  const documents = await Promise.all(fleet.devices.map((device) => fleet.items(device)))
  return documents.map((items) =>
    items.map(({ deploymentId, version }) => `${names.get(deploymentId)}/${version}`).join(' '),
  )
}

async function conflicts(fleet: SimulatedFleet, name: string) {
  const deployment = await findDeployment(fleet.store.db, fleet.organisationId, name)
  const [view] = await deploymentViews(fleet.store.db, deployment ? [deployment] : [], fleet.clock.ms)
  return view?.conflicts
}

async function remove(fleet: SimulatedFleet, name: string) {
  const removed = await fleet.store.transaction(async (tx) => {
    const deployment = await findDeployment(tx, fleet.organisationId, name)
    return deployment && removeDeployment(tx, deployment, fleet.clock.ms)
  })
  await fleet.run()
  return removed?.devices
}

async function relabel(fleet: SimulatedFleet, device: FleetDevice, labels: Record<string, string>) {
  await fleet.store.transaction(async (tx) => {
    const row = await tx.selectFrom('devices').selectAll().where('id', '=', device.id).executeTakeFirstOrThrow()
    await setLabels(tx, row, labels)
  })
  fleet.bus.publish('device.changed', device.id)
  await fleet.run()
}

async function explain(fleet: SimulatedFleet, name: string, device: FleetDevice) {
  const deployment = await findDeployment(fleet.store.db, fleet.organisationId, name)
  const row = await fleet.row(device)
  if (!deployment) throw new Error(`no deployment ${name}`)
  return explainDevice(fleet.store.db, { deployment, row, nowMs: fleet.clock.ms })
}

test('applying the same spec changes nothing; another spec or a moved alias is a new revision', async () => {
  const { fleet } = await fleetOf(1)
  await using _ = fleet
  const change = async (spec: object) => {
    const { change: what, deployment } = await fleet.apply(spec)
    return [what, deployment.revision, deployment.version]
  }
  expect(await change({ version: '1' })).toEqual(['created', 1, 1])
  expect(await change({ version: '1' })).toEqual(['unchanged', 1, 1])
  expect(await change({ version: 'latest' })).toEqual(['updated', 2, 2])
  expect(await change({ version: 'latest', selector: 'true' })).toEqual(['unchanged', 2, 2])
  await fleet.addVersion('sensor', 3)
  expect(await change({ version: 'latest' })).toEqual(['updated', 3, 3])
  expect(await change({ version: 'latest', probation: { seconds: 1 } })).toEqual(['updated', 4, 3])
})

test('an unknown object or an invalid selector is rejected before anything changes', async () => {
  const { fleet } = await fleetOf(1)
  await using _ = fleet
  const refusal = (spec: object) => fleet.apply(spec).catch(({ code }: { code: string }) => code)
  expect(await refusal({ deployable: 'other' })).toBe('model_unknown')
  expect(await refusal({ version: '9' })).toBe('version_unknown')
  expect(await refusal({ version: '@champion' })).toBe('alias_unknown')
  expect(await refusal({ selector: 'device.nme == "a"' })).toBe('selector_invalid')
  expect(await refusal({ strategy: { waves: [{ selector: '1' }] } })).toBe('selector_invalid')
  expect(await fleet.store.db.selectFrom('deployments').selectAll().execute()).toEqual([])
})

test('a newer revision supersedes the rollout of the one before', async () => {
  const { fleet } = await fleetOf(2)
  await using _ = fleet
  const first = await fleet.apply({ version: '1' })
  const second = await fleet.apply({ version: '2' })
  expect(second.rolloutIds).toEqual([second.deployment.rolloutId, first.deployment.rolloutId])
  const rows = await fleet.store.db.selectFrom('rollouts').select(['revision', 'status']).orderBy('revision').execute()
  expect(rows).toEqual([
    { revision: 1, status: 'superseded' },
    { revision: 2, status: 'rolling' },
  ])
})

test('devices that cannot run a version are left out, and devices with an older one keep it', async () => {
  const { fleet, devices } = await fleetOf(1)
  await using _ = fleet
  const [old] = await fleet.addDevices(1, { inventory: { opsetMax: 17 } })
  await fleet.addDevices(1, { inventory: { capabilities: [] } })
  await fleet.addDevices(1, { inventory: { diskFreeBytes: 999 } })
  await fleet.apply({ version: '1' })
  expect(await owners(fleet)).toEqual(['sensor/1', 'sensor/1', '', ''])
  await fleet.report([...devices, old as FleetDevice], healthy)
  await fleet.addVersion('sensor', 3, 18)
  await fleet.setInventory(old as FleetDevice, { opsetMax: 17 })
  await fleet.apply({ version: '3' })
  expect(await owners(fleet)).toEqual(['sensor/3', 'sensor/1', '', ''])
  expect((await explain(fleet, 'sensor', old as FleetDevice)).checks.at(-1)).toMatchObject({
    check: 'opset',
    passed: false,
  })
  await fleet.report(devices, healthy)
  expect((await fleet.rollout()).status, 'it does not hold the others up').toBe('done')
})

test('if two deployments of one model pick a device, the older keeps it, and the other counts a conflict and waits', async () => {
  const { fleet, devices } = await fleetOf(2)
  await using _ = fleet
  await fleet.apply({ name: 'older', version: '1', selector: 'device.labels.line == "a"' })
  await fleet.pass(1)
  await fleet.apply({ name: 'younger', version: '2' })
  expect(await owners(fleet)).toEqual(['younger/2', 'younger/2'])
  // The older deployment comes to a device that the younger one has.
  await relabel(fleet, devices[0] as FleetDevice, { line: 'a' })
  expect([await owners(fleet), await conflicts(fleet, 'younger'), await conflicts(fleet, 'older')]).toEqual([
    ['older/1', 'younger/2'],
    1,
    0,
  ])
  expect((await explain(fleet, 'younger', devices[0] as FleetDevice)).summary).toBe(
    'device-0000 is not picked: the older deployment older owns the name sensor on the device and keeps it',
  )
  // The older one leaves, and the younger one takes over.
  await relabel(fleet, devices[0] as FleetDevice, {})
  expect([await owners(fleet), await conflicts(fleet, 'younger')]).toEqual([['younger/2', 'younger/2'], 0])
})

test('an older deployment that picks more devices takes them at once, and returns them when it is removed', async () => {
  const { fleet } = await fleetOf(2)
  await using _ = fleet
  await fleet.apply({ name: 'older', version: '1', selector: 'device.name == "device-0000"' })
  await fleet.pass(1)
  await fleet.apply({ name: 'younger', version: '2' })
  expect([await owners(fleet), await conflicts(fleet, 'younger')]).toEqual([['older/1', 'younger/2'], 1])
  await fleet.apply({ name: 'older', version: '1' })
  expect([await owners(fleet), await conflicts(fleet, 'younger')]).toEqual([['older/1', 'older/1'], 2])
  expect(await remove(fleet, 'older')).toBe(2)
  expect([await owners(fleet), await conflicts(fleet, 'younger')]).toEqual([['younger/2', 'younger/2'], 0])
})

test('deployments of different models stand side by side', async () => {
  const { fleet } = await fleetOf(1)
  await using _ = fleet
  await fleet.addVersion('camera', 1)
  await fleet.apply({ name: 'a', version: '1' })
  await fleet.apply({ name: 'b', deployable: 'camera' })
  expect(await owners(fleet)).toEqual(['b/1 a/1'])
})

test('a removed deployment leaves its devices, and leaves no row behind', async () => {
  const { fleet } = await fleetOf(3)
  await using _ = fleet
  await fleet.apply({})
  expect([await remove(fleet, 'sensor'), await owners(fleet)]).toEqual([3, ['', '', '']])
  for (const table of [
    'deployments',
    'deployment_revisions',
    'rollouts',
    'rollout_members',
    'desired_queue',
  ] as const) {
    expect(await fleet.store.db.selectFrom(table).selectAll().execute(), table).toEqual([])
  }
})

test('old revisions are deleted, except those to which a device may roll back', async () => {
  const { fleet, devices } = await fleetOf(2)
  await using _ = fleet
  await fleet.apply({ version: '1' })
  await fleet.report(devices.slice(0, 1), healthy)
  for (let seconds = 1; seconds <= 14; seconds++) await fleet.apply({ version: '2', probation: { seconds } })
  const revisions = await fleet.store.db
    .selectFrom('deployment_revisions')
    .select('revision')
    .orderBy('revision')
    .execute()
  expect(revisions.map(({ revision }) => revision)).toEqual([1, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
  expect(await fleet.store.db.selectFrom('rollouts').select('revision').execute()).toHaveLength(10)
  await fleet.steer('rollback')
  expect(await owners(fleet)).toEqual(['sensor/1', ''])
})

test('explain gives the reason for the state of each device', async () => {
  const { fleet, devices } = await fleetOf(2)
  await using _ = fleet
  await fleet.apply({ version: '1', strategy: { waves: [{ name: 'canary', limit: 1 }] } })
  const [first] = (await fleet.offered()) as [FleetDevice]
  const second = devices.find((device) => device !== first) as FleetDevice
  await fleet.report([first], () => 'failed')
  expect(await explain(fleet, 'sensor', first)).toMatchObject({ picked: true, wave: 0, offeredVersion: 1 })
  expect((await explain(fleet, 'sensor', first)).summary).toContain('it is in wave canary, and failed')
  expect(await explain(fleet, 'sensor', second)).toMatchObject({ picked: true, wave: 1 })
  expect((await explain(fleet, 'sensor', second)).offeredVersion).toBeUndefined()
})
