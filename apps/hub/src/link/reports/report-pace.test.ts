import { expect, test } from 'vitest'
import { openFleet } from '../../../test/stage/simulated-fleet.ts'
import { createReportPace } from './report-pace.ts'

const errors = { name: 'errors', measure: 'error-rate', success: 'result.value < 0.1', intervalSeconds: 5, count: 1 }

test('devices of a measured wave report as often as the wave is measured, and others at the usual rate', async () => {
  await using fleet = await openFleet()
  await fleet.addDevices(4)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy: { waves: [{ limit: 2, analysis: [errors] }] } })
  const pace = createReportPace(fleet.hub)
  const intervals = async () => {
    const asked = fleet.devices.map(({ id }) => pace.intervalMs(id, 60_000))
    return Promise.all(asked)
  }
  const canaries = await fleet.offered()
  const expected = fleet.devices.map((device) => (canaries.includes(device) ? 5_000 : 60_000))
  expect(await intervals()).toEqual(expected)
  const stats = () => ({ requests: 10, failures: 0 })
  await fleet.report(canaries, () => 'active', stats)
  await fleet.pass(1_000)
  expect((await fleet.rollout()).wave, 'measured, and over').toBe(1)
  expect(await intervals()).toEqual(fleet.devices.map(() => 60_000))
})

test('a large wave reports no faster than a hub can process', async () => {
  await using fleet = await openFleet()
  await fleet.addDevices(500)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy: { waves: [{ analysis: [{ ...errors, intervalSeconds: 1 }] }] } })
  const [device] = fleet.devices
  if (!device) throw new Error('there are 500')
  expect(await createReportPace(fleet.hub).intervalMs(device.id, 60_000)).toBe(2_000)
})
