import { expect, test } from 'vitest'
import type { FleetDevice } from '../../test/stage/fleet/fleet-records.ts'
import { openFleet } from '../../test/stage/simulated-fleet.ts'
import { refusedVersionCautions } from './refused-version.ts'

test('the plan warns of a version that devices have refused, with their names and codes', async () => {
  await using fleet = await openFleet()
  const devices = (await fleet.addDevices(2)) as [FleetDevice, FleetDevice]
  for (const version of [1, 2]) await fleet.addVersion('sensor', version)
  const cautions = (version: number) =>
    refusedVersionCautions(fleet.store.db, { organisationId: fleet.organisationId, model: 'sensor', version })
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  await fleet.apply({ version: '2' })
  await fleet.report([devices[1]], () => 'failed')
  await fleet.steer('rollback')
  await fleet.report(devices, () => 'active')
  expect(await cautions(1)).toEqual([])
  expect(await cautions(2)).toMatchObject([{ code: 'version_refused', count: 1, devices: [{ name: 'device-0001' }] }])
  expect((await cautions(2))[0]?.message).toMatch(/^rejected version 2 before \([a-z_]+\)/)
})
