import { expect, test } from 'vitest'
import { openFleet } from '../../test/simulated-fleet.ts'

const canary = { waves: [{ name: 'canary', limit: '10%' }] }

test('a revision goes wave by wave to every device, and is then the stable one', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(10)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ strategy: canary })
  const wanted = async () => (await Promise.all(devices.map(fleet.wanted))).filter(({ sensor }) => sensor === 1).length
  expect([await wanted(), (await fleet.rollout()).wave]).toEqual([1, 0])
  await fleet.report(devices, () => 'active')
  expect([await wanted(), (await fleet.rollout()).wave]).toEqual([10, 1])
  expect((await fleet.rollout()).status).toBe('rolling')
  await fleet.report(devices, () => 'active')
  expect((await fleet.rollout()).status).toBe('done')
  expect(await fleet.outcomes()).toEqual(devices.map(() => 'healthy'))
})
