import { expect, test } from 'vitest'
import { openFleet } from '../../test/stage/simulated-fleet.ts'
import { newlySilentDevices } from './newly-silent.ts'

test('a device whose connection ended is named at once, until its silence is an alert', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(3)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  const { organisationId } = fleet
  const silent = () => newlySilentDevices(fleet.store.db, { organisationId, nowMs: fleet.clock.ms })
  expect(await silent(), 'all of them report').toBeUndefined()
  const [first, second] = devices
  if (!first || !second) throw new Error('no devices')
  const leftAtMs = fleet.clock.ms
  await fleet.leave(second, 'goodbye')
  await fleet.leave(first, 'closed')
  fleet.clock.ms += 1_000
  const found = await silent()
  expect(found).toMatchObject({ count: 2, first: first.name, sinceMs: leftAtMs })
  expect(found?.alertAtMs).toBeGreaterThan(fleet.clock.ms)
  fleet.clock.ms += 600_000
  expect(await silent(), 'the silence of both is an alert now').toBeUndefined()
})
