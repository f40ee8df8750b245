import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { listDeployments } from './deployment-store.ts'

let fleet: SimulatedFleet
beforeEach(async () => {
  fleet = await openFleet()
})
afterEach(() => fleet[Symbol.asyncDispose]())

test('the deployments of a device are those whose newest rollout has it', async () => {
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('camera', 1)
  const [inside] = await fleet.addDevices(1, { labels: { line: '1' } })
  const [outside] = await fleet.addDevices(1, { labels: { line: '2' } })
  if (!inside || !outside) throw new Error('no devices')
  const names = async (deviceId?: typeof inside.id) => {
    const query = { organisationId: fleet.organisationId, limit: 10, after: undefined, deviceId }
    return (await listDeployments(fleet.store.db, query)).map(({ name }) => name)
  }
  await fleet.apply({ name: 'sensor', model: 'sensor', selector: 'device.labels.line == "1"' })
  await fleet.apply({ name: 'camera', model: 'camera' })
  expect([await names(inside.id), await names(outside.id)]).toEqual([['camera', 'sensor'], ['camera']])
  await fleet.apply({ name: 'sensor', model: 'sensor', selector: 'device.labels.line == "2"' })
  expect(await names(inside.id), 'it keeps the model until the others are healthy').toEqual(['camera', 'sensor'])
  await fleet.report(fleet.devices, () => 'active')
  expect([await names(inside.id), await names(outside.id)]).toEqual([['camera'], ['camera', 'sensor']])
  expect(await names()).toEqual(['camera', 'sensor'])
})
