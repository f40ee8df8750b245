import type { DesiredItem } from '@skerry/contract/devices/desired'
import { SystemRelease } from '@skerry/contract/systems/system-release'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, test } from 'vitest'
import type { FleetDevice } from '../../test/stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { findDeployment } from '../deployments/deployment-store.ts'
import { explainDevice } from '../deployments/explain-device.ts'
import { toJson } from '../store/json-column.ts'
import { insertParts } from './part-store.ts'

const healthy = () => 'active' as const

/** Makes the version `line:version` a release of these models. */
async function addRelease(fleet: SimulatedFleet, version: number, parts: Readonly<Record<string, number>>) {
  await fleet.addVersion('line', version)
  const release = SystemRelease.parse({
    v: 1,
    parts: Object.entries(parts).map(([name, number]) => {
      const digest = digestOf(`${name}/${number}`)
      return { kind: 'model', name, version: number, digest, sizeBytes: 1_000 }
    }),
  })
  await fleet.store.transaction(async (tx) => {
    const row = await tx
      .updateTable('versions')
      .set({ kind: 'system', summary: toJson(release) })
      .where('name', '=', 'line')
      .where('version', '=', version)
      .returningAll()
      .executeTakeFirstOrThrow()
    await insertParts(tx, row, release)
  })
}

/** Devices that have release 1 as a whole. Release 2 changes both parts. */
async function wholeFleet(count: number) {
  const fleet = await openFleet()
  const devices = await fleet.addDevices(count)
  for (const name of ['pump', 'valve']) for (const version of [1, 2, 3]) await fleet.addVersion(name, version)
  await addRelease(fleet, 1, { pump: 1, valve: 1 })
  await addRelease(fleet, 2, { pump: 2, valve: 2 })
  await addRelease(fleet, 3, { valve: 3 })
  await apply(fleet, 1)
  expect(await fleet.wanted(devices[0] as FleetDevice)).toEqual({ pump: 1 })
  await fleet.report(devices, healthy)
  expect(await fleet.wanted(devices[0] as FleetDevice)).toEqual({ pump: 1, valve: 1 })
  expect((await fleet.rollout('line')).status, 'a part is not the whole').toBe('rolling')
  await fleet.report(devices, healthy)
  expect((await fleet.rollout('line')).status).toBe('done')
  return { fleet, devices }
}

const apply = (fleet: SimulatedFleet, version: number, spec: object = {}) =>
  fleet.apply({ name: 'line', deployable: 'line', version: String(version), ...spec })

const failing = (name: string, version: number) => (item: DesiredItem) =>
  item.name === name && item.version === version ? ('failed' as const) : ('active' as const)

async function explained(fleet: SimulatedFleet, device: FleetDevice) {
  const deployment = await findDeployment(fleet.store.db, fleet.organisationId, 'line')
  if (!deployment) throw new Error('no deployment')
  return explainDevice(fleet.store.db, { deployment, row: await fleet.row(device), nowMs: fleet.clock.ms })
}

test('a failed part returns the whole on this device alone, also if the hub restarts at each step', async () => {
  const { fleet, devices } = await wholeFleet(2)
  await using _ = fleet
  const [bad, good] = devices as [FleetDevice, FleetDevice]
  await apply(fleet, 2, { strategy: { waves: [{ failuresMax: 1, soakSeconds: 3600 }] } })
  const step = async () => {
    await fleet.stop()
    await fleet.report([bad], failing('valve', 2))
    await fleet.report([good], healthy)
    fleet.restart()
    // The reports came while nobody judged them. The hub looks at moving devices at its start, and then at intervals.
    await fleet.pass(2_000)
    return Promise.all([fleet.wanted(bad), fleet.wanted(good)])
  }
  expect(await fleet.wanted(bad)).toEqual({ pump: 2, valve: 1 })
  const both = { pump: 2, valve: 2 }
  expect(await step()).toEqual([both, both])
  expect(await step()).toEqual([{ pump: 2, valve: 1 }, both])
  expect(await fleet.outcomes('line')).toEqual(['failed', 'healthy'])
  expect(await step()).toEqual([{ pump: 1, valve: 1 }, both])
  expect((await explained(fleet, bad)).summary).toContain('returns the whole system in reverse order')
  await step()
  const { summary, parts } = await explained(fleet, bad)
  expect(summary).toContain('because its part valve failed: case 1 is off by 3 (golden_mismatch)')
  expect(parts?.map(({ name, state }) => [name, state])).toEqual([
    ['pump', 'returned'],
    ['valve', 'returned'],
  ])
  await fleet.steer('rollback', 'line')
  expect(await fleet.wanted(good), 'the last part goes back first').toEqual({ pump: 2, valve: 1 })
  await fleet.report([good], healthy)
  expect(await fleet.wanted(good)).toEqual({ pump: 1, valve: 1 })
})

test('a retry begins again, and a window holds a part up without a time-out', async () => {
  const { fleet, devices } = await wholeFleet(1)
  await using _ = fleet
  const [device] = devices as [FleetDevice]
  await apply(fleet, 2, { strategy: { waves: [{ deadlineSeconds: 60 }] } })
  await fleet.report(devices, failing('pump', 2))
  await fleet.report(devices, healthy)
  expect([await fleet.wanted(device), await fleet.outcomes('line')]).toEqual([{ pump: 1, valve: 1 }, ['failed']])
  expect((await fleet.rollout('line')).failures).toMatchObject([
    { code: 'golden_mismatch', message: 'part pump: case 1 is off by 3' },
  ])
  await fleet.steer('retry', 'line')
  await fleet.steer('resume', 'line')
  expect(await fleet.wanted(device)).toEqual({ pump: 2, valve: 1 })
  const opensAtMs = fleet.clock.ms + 600_000
  const waits = { cause: { code: 'window_waits', message: 'the window is closed' }, opensAtMs }
  await fleet.report(devices, ({ version }) => (version === 2 ? waits : 'active'))
  await fleet.pass(120_000)
  expect(await fleet.outcomes('line')).toEqual(['offered'])
  await fleet.report(devices, healthy)
  await fleet.report(devices, healthy)
  expect(await fleet.outcomes('line')).toEqual(['healthy'])
})

test('a part that the next release lacks leaves last, and a device that leaves loses all parts', async () => {
  const { fleet, devices } = await wholeFleet(2)
  await using _ = fleet
  const [stays, leaves] = devices as [FleetDevice, FleetDevice]
  await apply(fleet, 3)
  expect(await fleet.wanted(stays)).toEqual({ pump: 1, valve: 3 })
  await fleet.report(devices, healthy)
  expect(await fleet.wanted(stays)).toEqual({ valve: 3 })
  await fleet.report(devices, healthy)
  expect((await fleet.rollout('line')).status).toBe('done')
  await apply(fleet, 3, { selector: `device.name == "${stays.name}"` })
  for (let turn = 0; turn < 4; turn++) {
    await fleet.report(devices, healthy)
    await fleet.pass(2_000)
  }
  expect([await fleet.wanted(stays), await fleet.wanted(leaves)]).toEqual([{ valve: 3 }, {}])
  expect((await fleet.rollout('line')).status).toBe('done')
})

test('only the parts that a device lacks must fit on its disk, and it needs the capabilities of all parts', async () => {
  const { fleet, devices } = await wholeFleet(1)
  await using _ = fleet
  const [device] = devices as [FleetDevice]
  await addRelease(fleet, 4, { pump: 1, valve: 2 })
  const deployment = await findDeployment(fleet.store.db, fleet.organisationId, 'line')
  await apply(fleet, 4)
  const { checks } = await explained(fleet, device)
  expect(checks.find(({ check }) => check === 'disk')?.detail).toContain('the version needs 1 kB more')
  expect(checks.find(({ check }) => check === 'capability')?.detail).toBe('it can run all parts')
  await fleet.setInventory(device, { diskFreeBytes: 1_500 })
  await apply(fleet, 2)
  expect((await explained(fleet, device)).checks.find(({ check }) => check === 'disk')?.passed).toBe(false)
  await fleet.setInventory(device, { capabilities: ['flow'] })
  const refused = (await explained(fleet, device)).checks.find(({ passed }) => !passed)
  expect(refused).toMatchObject({ check: 'capability', detail: expect.stringContaining('its part pump: ') })
  expect(deployment?.parts).toHaveLength(2)
})

test('the older deployment owns a name, whether it is that of a part or of a version', async () => {
  const { fleet, devices } = await wholeFleet(1)
  await using _ = fleet
  const [device] = devices as [FleetDevice]
  await fleet.pass(1_000)
  await fleet.apply({ name: 'single', deployable: 'valve', version: '3' })
  await fleet.report(devices, healthy)
  expect(await fleet.wanted(device)).toEqual({ pump: 1, valve: 1 })
  expect(await fleet.outcomes('single')).toEqual([undefined])
  await addRelease(fleet, 4, { pump: 3 })
  await apply(fleet, 4)
  for (let turn = 0; turn < 3; turn++) await fleet.report(devices, healthy)
  await fleet.pass(20_000)
  // The name is free again.
  expect(await fleet.wanted(device)).toEqual({ pump: 3, valve: 3 })
})
