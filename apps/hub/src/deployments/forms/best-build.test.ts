import type { InstructionSet } from '@skerry/contract/devices/device'
import { BuildId } from '@skerry/contract/values/ids'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { expect, test } from 'vitest'
import { addBuild, addGoal, type FleetBuild, measure } from '../../../test/stage/fleet/fleet-builds.ts'
import type { FleetDevice } from '../../../test/stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'
import { choicesOf } from '../../builds/choice-store.ts'
import { outdatedDeployments } from '../../builds/outdated.ts'
import { deploymentsOf } from '../../builds/resolve-build.ts'
import { queueDevices } from '../../desired/desired-queue.ts'
import { findRolloutView } from '../../rollouts/rollout-store.ts'
import { deploymentViews, findDeployment } from '../deployment-store.ts'
import { planDeployment } from '../plan-deployment.ts'
import { listRevisions } from '../revisions.ts'
import { planRollback, rollBackDeployment } from '../rollback-deployment.ts'

const FAST = 'x64-vnni-4c'
const SLOW = 'x64-avx2-4c'
const SIGNING = generateKeyPair()

const machineOf = (...instructions: InstructionSet[]): FleetDevice['machine'] => ({
  cpuCount: 4,
  hardware: { instructions, accelerators: [] },
})
const FAST_MACHINE = machineOf('avx2', 'vnni')
const SLOW_MACHINE = machineOf('avx2')

/** A device of each class, one of an old agent, and two builds; the class `FAST` has measured the first. */
async function staged() {
  const fleet = await openFleet()
  const add = async (inventory: FleetDevice['machine']) => {
    const [device] = await fleet.addDevices(1, { inventory })
    if (!device) throw new Error('no device')
    return device
  }
  const devices = { fast: await add(FAST_MACHINE), slow: await add(SLOW_MACHINE), old: await add({}) }
  const { privateKeyPem } = SIGNING
  await fleet.addVersion('sensor', 1, 17, privateKeyPem)
  const about = { model: 'sensor', version: 1 }
  const int8 = await addBuild(fleet, { ...about, recipe: 'static-int8-percentile', privateKeyPem })
  const half = await addBuild(fleet, { ...about, recipe: 'float16', sizeBytes: 500, privateKeyPem })
  const measured = (build: FleetBuild, hardwareClass: string, speed: number) =>
    measure(fleet, {
      ...about,
      build,
      hardwareClass,
      speed,
      device: hardwareClass === FAST ? devices.fast : devices.slow,
    })
  await measured(int8, FAST, 1.31)
  return { fleet, ...devices, int8, half, measured }
}

/** The content that the document of each device names. */
const digests = async (fleet: SimulatedFleet, devices: readonly FleetDevice[]) =>
  Promise.all(devices.map(async (device) => (await fleet.items(device))[0]?.digest))

const versionDigest = async ({ store }: SimulatedFleet) =>
  (await store.db.selectFrom('versions').select('digest').executeTakeFirstOrThrow()).digest

const hubOf = (fleet: SimulatedFleet) =>
  ({ ...fleet.hub, ids: fleet.ids, signing: SIGNING }) as unknown as Parameters<typeof planDeployment>[0]

async function inForce({ store, organisationId }: SimulatedFleet) {
  const deployment = await findDeployment(store.db, organisationId, 'sensor')
  if (!deployment) throw new Error('no deployment')
  return deployment
}

test('each device gets the build of its class; devices of other classes get the version itself', async () => {
  const { fleet, fast, slow, old, int8 } = await staged()
  await using _ = fleet
  await fleet.apply({ build: 'best' })
  const float = await versionDigest(fleet)
  expect(await digests(fleet, [fast, slow, old])).toEqual([int8.digest, float, float])
  expect(await inForce(fleet)).toMatchObject({ choices: [{ hardwareClass: FAST, build: int8.id }], buildId: undefined })
  await fleet.report([fast, slow, old], () => 'active')
  expect((await fleet.rollout()).status).toBe('done')
  expect(await fleet.outcomes()).toEqual(['healthy', 'healthy', 'healthy'])
  const [view] = await deploymentViews(fleet.store.db, [await inForce(fleet)], fleet.clock.ms)
  expect(view?.wanted?.builds).toEqual([{ version: 1, recipe: 'best', devices: 3 }])
  expect(view?.running?.builds).toEqual([{ version: 1, recipe: 'static-int8-percentile', devices: 1 }])
})

test('a report about another form than that of the class decides nothing', async () => {
  const { fleet, fast, slow, old } = await staged()
  await using _ = fleet
  await fleet.apply({ build: 'best' })
  const float = await versionDigest(fleet)
  await fleet.report([slow, old], () => 'active')
  const [item] = await fleet.items(fast)
  expect(item?.digest).not.toBe(float)
  await fleet.store.transaction((tx) =>
    tx.updateTable('device_items').set({ target_digest: float }).where('device_id', '=', fast.id).execute(),
  )
  await fleet.run()
  expect(await fleet.outcomes()).toEqual(['offered', 'healthy', 'healthy'])
})

test('a newer measurement changes nothing until the deployment is applied again', async () => {
  const { fleet, fast, slow, old, int8, half, measured } = await staged()
  await using _ = fleet
  await fleet.apply({ build: 'best' })
  await fleet.report([fast, slow, old], () => 'active')
  await measured(half, SLOW, 1.2)
  await fleet.run()
  const float = await versionDigest(fleet)
  expect(await digests(fleet, [fast, slow])).toEqual([int8.digest, float])
  expect(await fleet.apply({ build: 'best' })).toMatchObject({ change: 'updated' })
  expect(await digests(fleet, [fast, slow, old])).toEqual([int8.digest, half.digest, float])
  expect(await fleet.apply({ build: 'best' })).toMatchObject({ change: 'unchanged' })
})

test('a rollback returns to exactly the builds of the earlier revision', async () => {
  const { fleet, fast, slow, old, int8, half, measured } = await staged()
  await using _ = fleet
  await fleet.apply({ build: 'best' })
  await fleet.report([fast, slow, old], () => 'active')
  await measured(half, FAST, 1.6)
  await measured(half, SLOW, 1.2)
  await fleet.apply({ build: 'best' })
  await fleet.report([fast, slow, old], () => 'active')
  const float = await versionDigest(fleet)
  expect(await digests(fleet, [fast, slow, old])).toEqual([half.digest, half.digest, float])
  const wish = { deployment: await inForce(fleet), scope: undefined, to: undefined }
  const { moves, settled } = await planRollback(hubOf(fleet), wish)
  expect({ moved: moves.map(({ count }) => count), settled }).toEqual({ moved: [2], settled: 1 })
  const rolled = await fleet.store.transaction((tx) =>
    rollBackDeployment(tx, hubOf(fleet), { ...wish, ifRevision: undefined }),
  )
  expect(rolled).toMatchObject({ rollbackTo: 1, deployment: { spec: { build: 'best' } } })
  for (const id of rolled.rolloutIds) fleet.bus.publish('rollout.changed', id)
  await fleet.run()
  expect(await digests(fleet, [fast, slow, old])).toEqual([int8.digest, float, float])
  await fleet.report([fast, slow, old], () => 'active')
  expect((await fleet.rollout()).status).toBe('done')
  await expect(
    fleet.store.transaction(async (tx) =>
      rollBackDeployment(tx, hubOf(fleet), { ...wish, deployment: await inForce(fleet), to: 1, ifRevision: undefined }),
    ),
  ).rejects.toMatchObject({ code: 'rollback_target_same' })
})

test('a deployment follows the goal that it gives priority, and a rollback keeps both', async () => {
  const { fleet, fast, slow, old, int8, half, measured } = await staged()
  await using _ = fleet
  await measured(half, FAST, 1.6)
  await fleet.apply({ build: 'smallest' })
  await fleet.report([fast, slow, old], () => 'active')
  const float = await versionDigest(fleet)
  expect(await digests(fleet, [fast, slow, old])).toEqual([int8.digest, float, float])
  const [view] = await deploymentViews(fleet.store.db, [await inForce(fleet)], fleet.clock.ms)
  expect(view?.wanted?.builds).toEqual([{ version: 1, recipe: 'smallest', devices: 3 }])
  const { store } = fleet
  const version = await store.db.selectFrom('versions').selectAll().executeTakeFirstOrThrow()
  expect(await outdatedDeployments(store.db, version)).toEqual([])
  await fleet.apply({ build: 'best' })
  await fleet.report([fast, slow, old], () => 'active')
  expect(await digests(fleet, [fast, slow, old])).toEqual([half.digest, float, float])
  const wish = { deployment: await inForce(fleet), scope: undefined, to: undefined }
  const rolled = await store.transaction((tx) =>
    rollBackDeployment(tx, hubOf(fleet), { ...wish, ifRevision: undefined }),
  )
  expect(rolled).toMatchObject({ rollbackTo: 1, deployment: { spec: { build: 'smallest' } } })
  for (const id of rolled.rolloutIds) fleet.bus.publish('rollout.changed', id)
  await fleet.run()
  expect(await digests(fleet, [fast, slow, old])).toEqual([int8.digest, float, float])
  await measured(int8, FAST, 0.7)
  expect(await outdatedDeployments(store.db, version), 'a slower build is not chosen without a p95 goal').toEqual([
    'sensor',
  ])
  await addGoal(fleet, 'sensor', { agreementMin: 0.99, differenceMax: 0.05, p95MaxMs: 12 })
  expect(await outdatedDeployments(store.db, version), 'its p95 of 2 ms keeps the goal').toEqual([])
  const explained = await choicesOf(store.db, version, { prefer: 'smallest' })
  expect(explained.find(({ hardwareClass }) => hardwareClass === FAST)).toMatchObject({
    recipe: int8.recipe,
    candidates: [{ reason: 'best' }, { recipe: half.recipe, reason: 'behind' }],
  })
})

test('a return from a build to the version itself is a change, and the revisions name the recipe', async () => {
  const { fleet, fast, slow, old, int8 } = await staged()
  await using _ = fleet
  await fleet.apply({ version: '1' })
  await fleet.report([fast, slow, old], () => 'active')
  await fleet.apply({ build: int8.id })
  await fleet.report([fast, slow, old], () => 'active')
  const deployment = await inForce(fleet)
  const { from, to, moves, settled } = await planRollback(hubOf(fleet), { deployment, scope: undefined, to: 1 })
  expect({ from, moved: moves.map(({ version, count }) => [version, count]), settled }).toMatchObject({
    from: { version: 1, recipe: int8.recipe },
    moved: [[1, 3]],
    settled: 0,
  })
  expect(to.recipe).toBeUndefined()
  const revisions = await listRevisions(fleet.store.db, deployment, { limit: 9, before: undefined })
  expect(revisions.map(({ recipe }) => recipe)).toEqual([int8.recipe, undefined])
  expect(await deploymentViews(fleet.store.db, [deployment], fleet.clock.ms)).toMatchObject([{ recipe: int8.recipe }])
  const { organisationId } = fleet
  const rollout = await findRolloutView(fleet.store.db, { organisationId, rolloutId: deployment.rolloutId })
  expect(rollout?.recipe).toBe(int8.recipe)
})

test('a plan names the form of each device, with its own size', async () => {
  const { fleet, fast, slow, old, int8 } = await staged()
  await using _ = fleet
  await fleet.apply({ version: '1' })
  await fleet.report([fast, slow, old], () => 'active')
  const { spec } = await inForce(fleet)
  const { plan } = await planDeployment(hubOf(fleet), fleet.organisationId, { spec: { ...spec, build: 'best' } })
  expect(plan).toMatchObject({ change: 'update', bytes: 250, bytesPerDevice: 1_000 })
  expect(plan.forms).toEqual([
    {
      build: int8.id,
      recipe: int8.recipe,
      hardwareClass: FAST,
      sizeBytes: 250,
      count: 1,
      devices: [expect.objectContaining({ name: fast.name })],
    },
    { hardwareClass: SLOW, sizeBytes: 1_000, count: 1, devices: [expect.objectContaining({ name: slow.name })] },
    { sizeBytes: 1_000, count: 1, devices: [expect.objectContaining({ name: old.name })] },
  ])
})

test('a device is picked if the build of its class fits on its disk', async () => {
  const { fleet, fast, slow } = await staged()
  await using _ = fleet
  await fleet.setInventory(fast, { ...FAST_MACHINE, diskFreeBytes: 300 })
  await fleet.setInventory(slow, { ...SLOW_MACHINE, diskFreeBytes: 300 })
  const { picked } = await fleet.apply({ build: 'best' })
  expect(picked, 'the fast one and the old one').toBe(2)
})

test('a build of a class is in use while a revision with it is kept', async () => {
  const { fleet, int8, half } = await staged()
  await using _ = fleet
  await fleet.apply({ build: 'best' })
  await fleet.apply({ version: '1' })
  const { organisationId } = fleet
  expect(await deploymentsOf(fleet.store.db, { id: int8.id, organisationId })).toEqual(['sensor'])
  expect(await deploymentsOf(fleet.store.db, { id: half.id, organisationId })).toEqual([])
  const unknown = BuildId.parse('bld_aaaaaaaaaaaa2222')
  expect(await deploymentsOf(fleet.store.db, { id: unknown, organisationId })).toEqual([])
})

test('devices of a class serve its build with the measured settings, unless the deployment names its own', async () => {
  const { fleet, fast, slow, int8 } = await staged()
  await using _ = fleet
  const timing = { n: 100, p50Ms: 1, p95Ms: 2, peakBytes: 1_000, speed: { low: 1.9, middle: 2, high: 2.1 } }
  const sessions = [{ threads: 2, spin: true, timing }]
  const about = { model: 'sensor', version: 1, build: int8, hardwareClass: FAST, device: fast, speed: 1.31 }
  await fleet.apply({ build: 'best' })
  await measure(fleet, { ...about, sessions })
  const servingOn = async (device: FleetDevice) => {
    const [item] = await fleet.items(device)
    return item && 'serving' in item.spec ? item.spec.serving : undefined
  }
  expect(await servingOn(fast)).toMatchObject({ threads: 1, spin: false })
  await fleet.apply({ build: 'best' })
  expect(await servingOn(fast)).toMatchObject({ threads: 2, spin: true })
  expect(await servingOn(slow)).toMatchObject({ threads: 1, spin: false })
  await fleet.apply({ build: 'best', serving: { threads: 3 } })
  expect(await servingOn(fast)).toMatchObject({ threads: 3, spin: false })
})

test('a device whose class changes gets the other build in the same revision', async () => {
  const { fleet, fast, slow, old, int8 } = await staged()
  await using _ = fleet
  await fleet.apply({ build: 'best' })
  await fleet.report([fast, slow, old], () => 'active')
  const before = await inForce(fleet)
  slow.machine = FAST_MACHINE
  await fleet.report([slow], () => 'active')
  expect(await digests(fleet, [slow])).toEqual([int8.digest])
  expect(await inForce(fleet)).toMatchObject({ revision: before.revision })
  old.machine = SLOW_MACHINE
  await fleet.report([old], () => 'active')
  expect(await digests(fleet, [old])).toEqual([await versionDigest(fleet)])
})

test('a build that devices would reject is not deployed', async () => {
  const { fleet, half, measured } = await staged()
  await using _ = fleet
  const stranger = generateKeyPair().privateKeyPem
  const about = { model: 'sensor', version: 1 }
  const foreign = await addBuild(fleet, { ...about, recipe: 'dynamic-int8', privateKeyPem: stranger })
  await fleet.apply({ version: '1' })
  const { spec } = await inForce(fleet)
  const plan = () => planDeployment(hubOf(fleet), fleet.organisationId, { spec: { ...spec, build: 'best' } })
  await measured(half, SLOW, 1.2)
  expect((await plan()).plan.change).toBe('update')
  await measured(foreign, SLOW, 1.5)
  await expect(plan()).rejects.toMatchObject({
    code: 'version_untrusted',
    message: expect.stringContaining(foreign.id),
  })
})

test('the queries that derive documents by class do not grow with the devices', async () => {
  const { fleet, fast, slow, old } = await staged()
  await using _ = fleet
  const { organisationId } = fleet
  const queries = async () => {
    const ids = fleet.devices.map(({ id }) => id)
    await fleet.store.transaction((tx) => queueDevices(tx, organisationId, ids))
    const before = fleet.counts.queries
    await fleet.run()
    return fleet.counts.queries - before
  }
  await fleet.apply({ version: '1' })
  await fleet.report([fast, slow, old], () => 'active')
  const plain = await queries()
  await fleet.apply({ build: 'best' })
  await fleet.report([fast, slow, old], () => 'active')
  const best = await queries()
  expect(best - plain, 'the inventories, and the two tables of a build').toBeLessThanOrEqual(3)
  const added = await fleet.addDevices(20, { inventory: FAST_MACHINE })
  for (const { id } of added) fleet.bus.publish('device.changed', id)
  await fleet.run()
  await fleet.report(added, () => 'active')
  expect(await queries()).toBe(best)
})
