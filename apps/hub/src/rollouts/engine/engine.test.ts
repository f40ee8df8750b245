import type { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import type { FleetDevice } from '../../../test/stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'

const canary = { waves: [{ name: 'canary', limit: '10%' }] }

/** Ten devices that run version 1, and version 2 on its way to them. */
async function rollingFleet(strategy: object = canary) {
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

/** The versions that the devices should run. */
const wanted = (fleet: SimulatedFleet, devices: readonly FleetDevice[] = fleet.devices) =>
  Promise.all(devices.map(async (device) => (await fleet.wanted(device)).sensor))

/** The devices that should run the version. */
async function asked(fleet: SimulatedFleet, version: number): Promise<FleetDevice[]> {
  const versions = await wanted(fleet)
  return fleet.devices.filter((_, index) => versions[index] === version)
}

const healthy = () => 'active' as const
const failed = () => 'failed' as const

const auditActions = async (fleet: SimulatedFleet) =>
  (await fleet.store.db.selectFrom('audit_records').selectAll().orderBy('sequence').execute()).map(
    ({ action, actor, detail }) => [action, JSON.parse(actor).kind, JSON.parse(detail).deployment],
  )

test('a revision reaches every device wave by wave, and the audit trail has the decisions of the hub', async () => {
  await using fleet = await rollingFleet()
  const [first] = await asked(fleet, 2)
  expect(await asked(fleet, 2)).toHaveLength(1)
  await fleet.report([first as FleetDevice], healthy)
  expect([(await fleet.rollout()).wave, await wanted(fleet)]).toEqual([1, Array(10).fill(2)])
  await fleet.report(fleet.devices, healthy)
  expect([(await fleet.rollout()).status, await fleet.outcomes()]).toEqual(['done', Array(10).fill('healthy')])
  expect(await auditActions(fleet)).toEqual([
    ['rollout.done', 'hub', 'sensor'],
    ['rollout.wave_opened', 'hub', 'sensor'],
    ['rollout.done', 'hub', 'sensor'],
  ])
})

test('a large wave is judged by all reports that are stored, not by the failures that are read first', async () => {
  const strategy = { waves: [{ name: 'all', failuresMax: '5%', minExecuted: 20 }] }
  for (const isFailed of [(index: number) => index < 5, (index: number) => index >= 95]) {
    await using fleet = await openFleet()
    const devices = await fleet.addDevices(100)
    await fleet.addVersion('sensor', 1)
    await fleet.apply({ version: '1', strategy })
    await fleet.report(devices, (_, device) => (isFailed(devices.indexOf(device)) ? 'failed' : 'active'))
    expect(await fleet.outcomes()).toHaveLength(100)
    expect((await fleet.outcomes()).filter((outcome) => outcome === 'failed')).toHaveLength(5)
    expect(await fleet.rollout()).toMatchObject({ status: 'done' })
  }
})

test('a report from before the offer does not count as an answer to it', async () => {
  await using fleet = await openFleet()
  const [device] = await fleet.addDevices(1)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1' })
  await fleet.report([device as FleetDevice], healthy)
  // The same version, served with other settings: the old report names the same target.
  await fleet.apply({ version: '1', serving: { instances: 2 } })
  await fleet.run()
  expect([(await fleet.rollout()).revision, await fleet.outcomes()]).toEqual([2, ['offered']])
  await fleet.pass(30_000)
  await fleet.report([device as FleetDevice], healthy)
  await fleet.pass(10_000)
  expect(await fleet.outcomes()).toEqual(['healthy'])
})

test('a failing canary pauses the rollout; resuming tolerates it, and aborting rolls it back to its last good version', async () => {
  await using fleet = await rollingFleet()
  const canaries = await asked(fleet, 2)
  await fleet.report(canaries, failed)
  expect(await fleet.rollout()).toMatchObject({ status: 'paused', reason: '1 failed in wave canary, 0 allowed' })
  expect(await asked(fleet, 2)).toEqual(canaries)
  await fleet.steer('resume')
  expect([await asked(fleet, 2), await asked(fleet, 1)].map((list) => list.length)).toEqual([10, 0])
  await fleet.steer('abort')
  expect(await wanted(fleet)).toEqual(Array(10).fill(1))
  expect(await fleet.steer('pause')).toMatchObject({ ok: false, code: 'rollout_event_refused' })
})

test('after an abort healthy devices keep the revision, and after a rollback each one rolls back', async () => {
  for (const [kind, versions] of [
    ['abort', [2, 1]],
    ['rollback', [1, 1]],
  ] as const) {
    await using fleet = await rollingFleet()
    const [canary] = (await asked(fleet, 2)) as [FleetDevice]
    const other = fleet.devices.find((device) => device !== canary) as FleetDevice
    await fleet.report([canary], healthy)
    await fleet.steer(kind)
    expect(await wanted(fleet, [canary, other])).toEqual(versions)
  }
})

test.each([
  ['abort', 'aborted', [2, 1]],
  ['rollback-wave', 'rolled-back', [2, 1]],
  ['rollback-all', 'rolled-back', [1, 1]],
])('the rollout follows its setting on failure: %s', async (onFailure, status, versions) => {
  await using fleet = await rollingFleet({ ...canary, onFailure })
  const [canary_] = (await asked(fleet, 2)) as [FleetDevice]
  await fleet.report([canary_], healthy)
  const other = fleet.devices.find((device) => device !== canary_) as FleetDevice
  await fleet.report([other], failed)
  expect([(await fleet.rollout()).status, await wanted(fleet, [canary_, other])]).toEqual([status, versions])
  expect((await auditActions(fleet)).at(-1)).toEqual([
    status === 'aborted' ? 'rollout.aborted' : 'rollout.rolled_back',
    'hub',
    'sensor',
  ])
})

test('each device rolls back to its own last good version, also over several revisions', async () => {
  await using fleet = await rollingFleet()
  await fleet.addVersion('sensor', 3)
  const [good] = (await asked(fleet, 2)) as [FleetDevice]
  await fleet.report([good], healthy)
  // Version 2 is under way to all others when version 3 replaces it: no device has proved version 2.
  await fleet.apply({ version: '3' })
  expect(await wanted(fleet)).toEqual(Array(10).fill(3))
  await fleet.steer('rollback')
  const others = fleet.devices.filter((device) => device !== good)
  expect([await wanted(fleet, [good]), await wanted(fleet, others)]).toEqual([[2], Array(9).fill(1)])
})

test('the rollback of a first revision leaves devices without a version', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(2)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ strategy: { onFailure: 'rollback-all' } })
  await fleet.report(devices, failed)
  expect([(await fleet.rollout()).status, await wanted(fleet)]).toEqual(['rolled-back', [undefined, undefined]])
})

test('a soak holds the next wave until its time, and a deadline counts silent devices as failed', async () => {
  await using fleet = await rollingFleet({
    waves: [
      { name: 'canary', limit: 1, soakSeconds: 60 },
      { name: 'rest', deadlineSeconds: 120, failuresMax: 1 },
    ],
  })
  const [canary] = await asked(fleet, 2)
  await fleet.report([canary as FleetDevice], healthy)
  await fleet.pass(59_000)
  expect(await asked(fleet, 2)).toHaveLength(1)
  await fleet.pass(1_000)
  expect(await asked(fleet, 2)).toHaveLength(10)
  const rest = (await asked(fleet, 2)).filter((device) => device !== canary)
  await fleet.report(rest.slice(2), healthy)
  await fleet.pass(119_000)
  expect((await fleet.rollout()).status).toBe('rolling')
  await fleet.pass(1_000)
  const { status, reason, waves } = await fleet.rollout()
  expect([status, reason, waves[1]?.counts['timed-out']]).toEqual(['paused', '2 failed in wave rest, 1 allowed', 2])
  await fleet.report(rest, healthy)
  expect((await fleet.rollout()).waves[1]?.counts, 'who comes late is still heard').toMatchObject({
    healthy: 9,
    'timed-out': 0,
  })
})

test('a device that is silent when a wave opens is skipped, and gets the revision when the rollout is done', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(3)
  await fleet.addVersion('sensor', 1)
  await fleet.pass(200_000)
  await fleet.report(devices.slice(0, 2), healthy)
  await fleet.apply({ strategy: { offline: 'skip' } })
  expect([await fleet.outcomes(), await wanted(fleet)]).toEqual([
    ['offered', 'offered', 'skipped'],
    [1, 1, undefined],
  ])
  await fleet.report(devices.slice(0, 2), healthy)
  expect([(await fleet.rollout()).status, await wanted(fleet)]).toEqual(['done', [1, 1, 1]])
  await fleet.report(devices.slice(2), healthy)
  expect(await fleet.outcomes()).toEqual(['healthy', 'healthy', 'healthy'])
})

test('a retry repeats the offer under a new token, and only an answer to it counts', async () => {
  await using fleet = await openFleet()
  const [device] = (await fleet.addDevices(1)) as [FleetDevice]
  await fleet.addVersion('sensor', 1)
  const { deployment } = await fleet.apply({})
  await fleet.report([device], failed)
  expect((await fleet.rollout()).status).toBe('paused')
  await fleet.store.transaction(async (tx) => {
    const row = {
      device_id: device.id,
      deployment_id: deployment.id,
      organisation_id: fleet.organisationId,
      retry_token: 1,
    }
    await tx.insertInto('device_retries').values(row).execute()
  })
  fleet.bus.publish('device.retried', device.id)
  await fleet.run()
  const seen: number[] = []
  await fleet.report([device], ({ retryToken }) => {
    seen.push(retryToken)
    return 'active'
  })
  expect([seen, await fleet.outcomes()]).toEqual([[1], ['healthy']])
  await fleet.steer('resume')
  expect((await fleet.rollout()).status).toBe('done')
})

test('the engine publishes each changed rollout, and each new document for the links', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(2)
  await fleet.addVersion('sensor', 1)
  const heard: string[] = []
  const woken: DeviceId[] = []
  fleet.bus.subscribe('rollout.changed', undefined, (id) => heard.push(id))
  fleet.bus.subscribe('desired.changed', undefined, (id) => woken.push(id as DeviceId))
  const { deployment } = await fleet.apply({})
  expect(woken.toSorted()).toEqual(devices.map(({ id }) => id).toSorted())
  await fleet.report(devices, healthy)
  expect(new Set(heard)).toEqual(new Set([deployment.rolloutId]))
  const before = woken.length
  await fleet.pass(60_000)
  expect(woken.length, 'nothing changed, so nothing is issued').toBe(before)
})
