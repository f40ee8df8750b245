import { expect, test } from 'vitest'
import type { FleetDevice } from '../../test/stage/fleet/fleet-records.ts'
import { openFleet } from '../../test/stage/simulated-fleet.ts'
import { earlierFailure, refusedVersionCautions } from './refused-version.ts'

test('the plan warns of a version that devices have rejected, with their names and codes', async () => {
  await using fleet = await openFleet()
  const devices = (await fleet.addDevices(2)) as [FleetDevice, FleetDevice]
  for (const version of [1, 2]) await fleet.addVersion('sensor', version)
  const cautions = (version: number) =>
    refusedVersionCautions(fleet.store.db, { organisationId: fleet.organisationId, deployable: 'sensor', version })
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  await fleet.apply({ version: '2' })
  await fleet.report([devices[1]], () => 'failed')
  const { id: rollout } = await fleet.store.db
    .selectFrom('rollouts')
    .select('id')
    .where('revision', '=', 2)
    .executeTakeFirstOrThrow()
  await fleet.steer('rollback')
  await fleet.report(devices, () => 'active')
  expect(await cautions(1)).toEqual([])
  expect(await cautions(2)).toMatchObject([{ code: 'version_refused', count: 1, devices: [{ name: 'device-0001' }] }])
  const message = (await cautions(2))[0]?.message
  expect(message).toMatch(/^rejected version 2 before \([a-z_]+\)/)
  expect(message, 'the command is complete').toContain(`; "skerry rollout show ${rollout}" shows the reason`)
})

test('the newest failure of a device under an earlier revision is found after the way back', async () => {
  await using fleet = await openFleet()
  const devices = (await fleet.addDevices(2)) as [FleetDevice, FleetDevice]
  for (const version of [1, 2]) await fleet.addVersion('sensor', version)
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  await fleet.apply({ version: '2' })
  await fleet.report([devices[1]], () => 'failed')
  await fleet.steer('rollback')
  await fleet.apply({ version: '1' })
  const { id: deploymentId } = await fleet.store.db.selectFrom('deployments').select('id').executeTakeFirstOrThrow()
  const earlier = (device: FleetDevice, revision: number) =>
    earlierFailure(fleet.store.db, { deploymentId, deviceId: device.id, revision })
  expect(await earlier(devices[1], 3)).toMatchObject({ version: 2, revision: 2, cause: { code: expect.any(String) } })
  expect(await earlier(devices[1], 2), 'the revision itself is not earlier').toBeUndefined()
  expect(await earlier(devices[0], 3)).toBeUndefined()
})
