import { UPDATE_LOCKED, WINDOW_WAITS } from '@skerry/core/device/update-hold'
import { expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'

const HOUR_MS = 3_600_000
const window = { install: { cron: '0 2 * * *', timeZone: 'Europe/Berlin', durationSeconds: 7_200 } }
const waves = [{ deadlineSeconds: 3_600 }]

const healthy = () => 'active' as const
const locked = () => ({ cause: { code: UPDATE_LOCKED, message: 'robot' } })
const waitsUntil = (opensAtMs: number) => () => ({ cause: { code: WINDOW_WAITS, message: 'later' }, opensAtMs })

async function fleetOf(devices: number, strategy: object) {
  const fleet = await openFleet()
  await fleet.addDevices(devices)
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  await fleet.apply({ version: '1', strategy })
  return fleet
}

/** An hour, in the steps in which devices repeat their reports. */
async function passHour(fleet: SimulatedFleet, say?: Parameters<SimulatedFleet['report']>[1]) {
  for (let minute = 0; minute < 60; minute += 20) {
    if (say) await fleet.report(fleet.devices, say)
    await fleet.pass(20 * 60_000)
  }
}

test('a device that waits for its window is not late, and has its whole time once it opens', async () => {
  await using fleet = await fleetOf(1, { window, waves })
  const opensAtMs = fleet.clock.ms + 5 * HOUR_MS
  await fleet.report(fleet.devices, waitsUntil(opensAtMs))
  await fleet.restart()
  for (let hour = 0; hour < 5; hour++) await passHour(fleet)
  expect(await fleet.outcomes()).toEqual(['offered'])
  await fleet.pass(HOUR_MS - 10_000)
  expect(await fleet.outcomes()).toEqual(['offered'])
  await fleet.pass(20_000)
  expect(await fleet.outcomes()).toEqual(['timed-out'])
  await fleet.report(fleet.devices, healthy)
  expect(await fleet.outcomes()).toEqual(['healthy'])
})

test('a device that is locked is not late for as long as it says so, nor for two hours after it fell silent', async () => {
  await using fleet = await fleetOf(1, { waves })
  for (let hour = 0; hour < 6; hour++) await passHour(fleet, locked)
  expect(await fleet.outcomes()).toEqual(['offered'])
  await passHour(fleet)
  expect(await fleet.outcomes()).toEqual(['offered'])
  await passHour(fleet)
  expect(await fleet.outcomes()).toEqual(['timed-out'])
})

test('the time of a device whose lock is released begins then', async () => {
  await using fleet = await fleetOf(1, { waves })
  await fleet.report(fleet.devices, locked)
  await fleet.pass(2_000)
  await fleet.report(fleet.devices, () => 'loading')
  await fleet.pass(HOUR_MS - 10_000)
  expect(await fleet.outcomes()).toEqual(['offered'])
  await fleet.pass(20_000)
  expect(await fleet.outcomes()).toEqual(['timed-out'])
})

test('devices get the windows of their revision; what a rollback gives back travels without', async () => {
  await using fleet = await fleetOf(2, { window })
  await fleet.report(fleet.devices, healthy)
  const [first, second] = fleet.devices
  if (!first || !second) throw new Error('no devices')
  expect((await fleet.items(first))[0]?.window).toEqual(window)
  await fleet.apply({ version: '2', strategy: { window, ignoreLocks: true, waves: [{ limit: 1 }, {}] } })
  const [asked] = await fleet.offered()
  const other = asked === first ? second : first
  if (!asked) throw new Error('nobody is asked')
  expect((await fleet.items(asked))[0]).toMatchObject({ version: 2, window, ignoreLocks: true })
  await fleet.report([asked], healthy)
  await fleet.steer('rollback')
  const [back] = await fleet.items(asked)
  expect(back).toMatchObject({ version: 1 })
  expect(back, 'it ran version 2, and goes back at once').not.toHaveProperty('window')
  expect((await fleet.items(other))[0]).toMatchObject({ version: 1 })
})

test.each([
  [{ cron: '0 2 * * *', timeZone: 'Mars/Base' }, 'there is no time zone Mars/Base'],
  [{ cron: '0 0 30 2 *', timeZone: 'UTC' }, 'names a day that never comes'],
])('a window that no device could obey is refused: %j', async (when, message) => {
  await using fleet = await openFleet()
  await fleet.addVersion('sensor', 1)
  const applied = fleet.apply({ version: '1', strategy: { window: { download: { ...when, durationSeconds: 60 } } } })
  await expect(applied).rejects.toMatchObject({ code: 'window_invalid', message: expect.stringContaining(message) })
})
