import type { ServingStats } from '@skerry/contract/devices/item'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'

const healthy = () => 'active' as const
const errors = { name: 'errors', measure: 'error-rate', success: 'result.value < 0.1', intervalSeconds: 10, count: 2 }
const hook = { ...errors, name: 'tests', measure: { webhook: 'https://tests.example/' }, success: 'result.passed' }

async function fleetWith(analysis: object[], { onFailure = 'rollback-all', size = 4 } = {}) {
  const fleet = await openFleet()
  await fleet.addDevices(size)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy: { waves: [{ name: 'canary', limit: 2, analysis }], onFailure } })
  return fleet
}

const statsWith = (failures: number) => (): ServingStats => ({ requests: 100, failures, p50Us: 1, p99Us: 2 })

const canaries = async (fleet: SimulatedFleet) => {
  const [wave] = (await fleet.rollout()).waves
  return wave?.analyses?.[0]?.run
}

test('a wave whose requests succeed opens the next one after the required number of measurements', async () => {
  await using fleet = await fleetWith([errors])
  await fleet.report(await fleet.offered(), healthy, statsWith(1))
  await fleet.pass(1_000)
  expect(await canaries(fleet)).toMatchObject({
    last: [{ phase: 'successful', result: { value: 0.01, devices: 2, requests: 200 } }],
  })
  await fleet.pass(5_000)
  expect((await canaries(fleet))?.last).toHaveLength(1)
  await fleet.pass(5_000)
  expect(await fleet.rollout()).toMatchObject({ wave: 1, status: 'rolling' })
  expect(await canaries(fleet)).toMatchObject({ verdict: 'successful', settled: 2 })
})

test('a wave whose requests fail is rolled back, each device to its previous version', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(4)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1' })
  await fleet.report(devices, healthy)
  await fleet.addVersion('sensor', 2)
  const strategy = { waves: [{ name: 'canary', limit: 2, analysis: [errors] }], onFailure: 'rollback-all' }
  await fleet.apply({ version: '2', strategy })
  const asked = await fleet.offered()
  await fleet.report(asked, healthy, statsWith(20))
  await fleet.pass(1_000)
  const rollout = await fleet.rollout()
  expect(rollout).toMatchObject({ status: 'rolled-back' })
  expect(rollout.reason).toBe(
    'the analysis errors of wave canary failed: 1 failed, 0 allowed: not result.value < 0.1 with value 0.2',
  )
  for (const device of devices) expect(await fleet.wanted(device)).toEqual({ sensor: 1 })
})

test('only devices of the wave that serve the version count', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(6)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1' })
  await fleet.report(devices, healthy, statsWith(90))
  await fleet.addVersion('sensor', 2)
  await fleet.apply({
    version: '2',
    strategy: { waves: [{ name: 'canary', limit: 3, failuresMax: 9, analysis: [errors] }] },
  })
  const [first, second, third] = await fleet.offered()
  if (!first || !second || !third) throw new Error('three are asked')
  await fleet.report([first, second], healthy, statsWith(2))
  await fleet.report([third], () => 'failed', statsWith(90))
  await fleet.pass(1_000)
  expect(await canaries(fleet)).toMatchObject({ last: [{ phase: 'successful', result: { devices: 2, value: 0.02 } }] })
})

test('a wave without requests pauses until a person tolerates it', async () => {
  await using fleet = await fleetWith([errors])
  await fleet.report(await fleet.offered(), healthy)
  await fleet.pass(1_000)
  await fleet.pass(10_000)
  const rollout = await fleet.rollout()
  expect(rollout.status).toBe('paused')
  expect(rollout.reason).toContain('is inconclusive: 2 of 2 inconclusive, 0 allowed: there is nothing to measure yet')
  expect(rollout.reason).toContain('retry to measure again')
  await fleet.steer('resume')
  expect(await fleet.rollout()).toMatchObject({ status: 'rolling', wave: 1 })
})

test('a hub that restarts during the measuring continues, and measures nothing twice', async () => {
  await using fleet = await fleetWith([errors, { ...hook, dryRun: true }])
  await fleet.report(await fleet.offered(), healthy, statsWith(1))
  await fleet.pass(1_000)
  const before = await canaries(fleet)
  await fleet.stop()
  fleet.restart()
  await fleet.pass(1_000)
  expect(await canaries(fleet)).toEqual(before)
  await fleet.pass(9_000)
  expect(await canaries(fleet)).toMatchObject({ verdict: 'successful', counts: { successful: 2 } })
})

test('a webhook is called once for a due time, outside of all transactions, and its answer counts', async () => {
  await using fleet = await fleetWith([hook])
  let answer: (passed: boolean) => void = () => undefined
  fleet.answers.next = () =>
    new Promise((resolve) => {
      answer = (passed) => resolve({ result: { passed } })
    })
  await fleet.report(await fleet.offered(), healthy)
  await fleet.pass(1_000)
  await fleet.pass(1_000)
  expect(fleet.asked, 'not asked again while it thinks').toHaveLength(1)
  const { id } = await fleet.rollout()
  expect(fleet.asked[0]).toMatchObject({
    url: 'https://tests.example/',
    body: {
      kind: 'rollout.analysis',
      analysis: 'tests',
      rollout: { id, deployment: 'sensor', revision: 1, deployable: 'sensor', version: 1, status: 'rolling' },
      wave: { index: 0, name: 'canary', counts: { healthy: 2 } },
    },
  })
  answer(false)
  await expect.poll(async () => (await fleet.rollout()).status).toBe('rolled-back')
  expect((await fleet.rollout()).reason).toContain('not result.passed with passed false')
})

test('a broken webhook is an error, and five errors in a row are a failure', async () => {
  await using fleet = await fleetWith([hook])
  fleet.answers.next = () => ({ error: 'the webhook answered 502' })
  await fleet.report(await fleet.offered(), healthy)
  for (let times = 1; times <= 5; times++) {
    await fleet.pass(10_000)
    await expect.poll(async () => (await canaries(fleet))?.counts.error).toBe(times)
  }
  expect(await fleet.rollout()).toMatchObject({ status: 'rolled-back' })
})

test(
  'the cost of a measurement grows with its wave, and not with the fleet',
  deep('a fleet whose size counts; the other tests measure waves'),
  async () => {
    const cost = async (size: number) => {
      await using fleet = await fleetWith([errors], { size })
      await fleet.report(await fleet.offered(), healthy, statsWith(1))
      const before = { ...fleet.counts }
      await fleet.pass(1_000)
      expect((await canaries(fleet))?.last).toHaveLength(1)
      return { queries: fleet.counts.queries - before.queries, rows: fleet.counts.rows - before.rows }
    }
    expect(await cost(600)).toEqual(await cost(6))
  },
)
