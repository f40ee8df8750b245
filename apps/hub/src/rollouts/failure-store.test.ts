import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openFleet } from '../../test/stage/simulated-fleet.ts'
import { deploymentViews, findDeployment } from '../deployments/deployment-store.ts'
import { listRollouts } from './rollout-store.ts'

test('a rollout names at most three of its failed devices, with the cause of each, until it is retried', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(6)
  await fleet.addVersion('sensor', 1)
  const { organisationId, store } = fleet
  await fleet.apply({ version: '1', strategy: { waves: [{ failuresMax: 5 }], onFailure: 'pause' } })
  expect((await fleet.rollout()).failures, 'nothing has failed').toBeUndefined()
  await fleet.report(devices.slice(0, 1), () => 'rejected')
  expect((await fleet.rollout()).failures).toEqual([
    { device: 'device-0000', outcome: 'rejected', wave: 0, code: expect.any(String), message: expect.any(String) },
  ])
  await fleet.report(devices.slice(1), () => 'failed')
  const { failures } = await fleet.rollout()
  expect(failures).toHaveLength(3)
  expect((await listRollouts(store.db, { organisationId, limit: 5 }))[0]?.failures).toEqual(failures)
  const deployment = await findDeployment(store.db, organisationId, 'sensor')
  const [shown] = deployment ? await deploymentViews(store.db, [deployment], fleet.clock.ms) : []
  expect(shown?.failures).toEqual(failures)
  await fleet.steer('retry')
  expect((await fleet.rollout()).failures, 'they try again').toBeUndefined()
})

test('the failures of each rollout in a list are its own', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(2)
  for (const model of ['sensor', 'other']) {
    await fleet.addVersion(model, 1)
    await fleet.apply({ name: model, deployable: model, version: '1' })
  }
  await fleet.report(devices, ({ name }, device) =>
    (name === 'sensor') === (device.name === 'device-0000') ? 'failed' : 'active',
  )
  const rollouts = await listRollouts(fleet.store.db, { organisationId: fleet.organisationId, limit: 5 })
  expect(new Map(rollouts.map(({ deployment, failures }) => [deployment, failures]))).toEqual(
    new Map([
      ['sensor', [expect.objectContaining({ device: 'device-0000', outcome: 'failed' })]],
      ['other', [expect.objectContaining({ device: 'device-0001', outcome: 'failed' })]],
    ]),
  )
})

test('a device that reported nothing in time is named without a cause', async () => {
  await using fleet = await openFleet()
  await fleet.addDevices(1)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy: { waves: [{ deadlineSeconds: 60 }] } })
  fleet.clock.ms += 120_000
  await fleet.run()
  expect((await fleet.rollout()).failures).toEqual([{ device: 'device-0000', outcome: 'timed-out', wave: 0 }])
})

test('the cost does not grow with the fleet: the failed devices are one range of an index, and nothing is sorted', async () => {
  await using fleet = await openFleet()
  const plan = await sql<{ detail: string }>`explain query plan
    select device_id from rollout_members where rollout_id = 'r' and wave = 0 and outcome = 'failed'
    order by offered_at_ms limit 3`.execute(fleet.store.db)
  const details = plan.rows.map(({ detail }) => detail).join('\n')
  expect(details).toContain('rollout_members_by_offered_at_ms')
  expect(details).not.toContain('TEMP B-TREE')
})
