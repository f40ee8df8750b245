import { expect, test } from 'vitest'
import { openFleet } from '../../test/stage/simulated-fleet.ts'
import { withSilentDevices } from './silent-store.ts'

test('a rollout names the silent devices that it waits for, until they report or it ends', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(3)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1' })
  const silent = async () => {
    const [shown] = await withSilentDevices(fleet.store.db, [await fleet.rollout()], fleet.clock.ms)
    return shown?.silent
  }
  await fleet.report(devices, () => 'loading')
  expect(await silent(), 'all of them report').toBeUndefined()
  fleet.clock.ms += 10 * 60_000
  expect(await silent()).toEqual({ count: 3, first: 'device-0000' })
  await fleet.report(devices.slice(0, 1), () => 'loading')
  expect(await silent()).toEqual({ count: 2, first: 'device-0001' })
  await fleet.report(devices.slice(1, 2), () => 'active')
  expect(await silent()).toEqual({ count: 1, first: 'device-0002' })
  const { queries } = fleet.counts
  await fleet.steer('abort')
  const ended = await fleet.rollout()
  const before = fleet.counts.queries
  expect(before).toBeGreaterThan(queries)
  expect(await withSilentDevices(fleet.store.db, [ended], fleet.clock.ms)).toEqual([ended])
  expect(fleet.counts.queries, 'an ended rollout costs no query').toBe(before)
})

test('a device whose connection ended counts at once, before its reports are missing', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(2)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'loading')
  const [first] = devices
  if (!first) throw new Error('no device')
  await fleet.leave(first, 'closed')
  const [shown] = await withSilentDevices(fleet.store.db, [await fleet.rollout()], fleet.clock.ms)
  expect(shown?.silent).toEqual({ count: 1, first: first.name })
})
