import { expect, test } from 'vitest'
import type { FleetDevice } from '../../../test/stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'
import { rolloutFacts } from '../../alerts/rollout-facts.ts'

const healthy = () => 'active' as const
const failed = () => 'failed' as const

const offered = async (fleet: SimulatedFleet) => (await fleet.outcomes()).filter((outcome) => outcome === 'offered')

async function plantsWith(strategy: object) {
  const fleet = await openFleet()
  for (const plant of ['north', 'south']) await fleet.addDevices(5, { site: plant })
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy })
  return fleet
}

test('a rate limits the offers per second and per minute, and a clock that was set back allows no more', async () => {
  await using fleet = await openFleet()
  await fleet.addDevices(10)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy: { rate: { perMinute: 3 } } })
  const counts = [(await offered(fleet)).length]
  for (const ms of [500, 500, 1_000, 1_000, 56_000, 1_000, -30_000, 30_000, 1_000, 1_000]) {
    await fleet.pass(ms)
    counts.push((await offered(fleet)).length)
  }
  expect(counts).toEqual([1, 1, 2, 3, 3, 3, 3, 3, 3, 4, 5])
  expect(fleet.errors).toEqual([])
})

test('a rate that grows with success is slow until the first devices have proved the revision', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(10)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy: { rate: { basePerMinute: 1, factor: 5, per: { succeeded: 1 } } } })
  await fleet.pass(2_000)
  expect(await offered(fleet)).toHaveLength(1)
  await fleet.report(await fleet.offered(), healthy)
  for (let second = 0; second < 8; second++) await fleet.pass(1_000)
  expect(await offered(fleet)).toHaveLength(4)
  for (let minute = 0; minute < 3; minute++) {
    await fleet.report(devices, healthy)
    for (let second = 0; second < 61; second++) await fleet.pass(1_000)
  }
  await fleet.report(devices, healthy)
  expect((await fleet.rollout()).status).toBe('done')
})

test('a budget limits the unavailable devices of each plant at every instant, and continues as devices prove themselves', async () => {
  await using fleet = await plantsWith({ budget: { groupBy: 'site.name', maxUnavailable: 2 } })
  const ofPlants = async () => {
    const asked = new Set((await fleet.offered()).map(({ id }) => id))
    return [fleet.devices.slice(0, 5), fleet.devices.slice(5)].map(
      (plant) => plant.filter(({ id }) => asked.has(id)).length,
    )
  }
  expect(await ofPlants()).toEqual([2, 2])
  await fleet.pass(60_000)
  expect(await ofPlants()).toEqual([2, 2])
  const north = fleet.devices.slice(0, 5)
  await fleet.report(
    (await fleet.offered()).filter((device) => north.includes(device)),
    healthy,
  )
  expect(await ofPlants()).toEqual([2, 2])
  expect((await fleet.outcomes()).filter((outcome) => outcome === 'healthy')).toHaveLength(2)
  for (let turn = 0; turn < 4; turn++) await fleet.report(await fleet.offered(), healthy)
  expect((await fleet.rollout()).status).toBe('done')
  expect(fleet.errors).toEqual([])
})

test('devices that failed use the budget up, until a person tolerates them', async () => {
  const strategy = { waves: [{ failuresMax: 9 }], budget: { groupBy: 'site.name', minAvailable: '80%' } }
  await using fleet = await plantsWith(strategy)
  expect(await offered(fleet)).toHaveLength(2)
  await fleet.report(await fleet.offered(), failed)
  await fleet.pass(60_000)
  expect(await offered(fleet)).toHaveLength(0)
  await fleet.steer('pause')
  await fleet.steer('resume')
  expect(await offered(fleet)).toHaveLength(2)
})

test('a wave that needs approval opens after a person approves it, and only when the wave before is healthy', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(4)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy: { waves: [{ limit: 1, soakSeconds: 60 }, { approval: true }] } })
  expect(await fleet.steer('approve')).toMatchObject({ ok: false, code: 'rollout_event_refused' })
  await fleet.report(devices, healthy)
  expect((await fleet.rollout()).waves[1]?.awaitedSinceMs).toBeUndefined()
  await fleet.pass(61_000)
  expect(await fleet.rollout()).toMatchObject({
    status: 'rolling',
    wave: 0,
    waves: [{}, { awaitedSinceMs: fleet.clock.ms }],
  })
  await fleet.pass(86_400_000)
  expect((await fleet.rollout()).wave).toBe(0)
  await fleet.steer('approve')
  expect(await fleet.rollout()).toMatchObject({ wave: 1, waves: [{}, { isApproved: true }] })
  await fleet.report(devices, healthy)
  expect((await fleet.rollout()).status).toBe('done')
})

test('a rollout that pauses after a wave continues once, when a person resumes it', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(4)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy: { waves: [{ name: 'canary', limit: 1, pauseAfter: true }] } })
  await fleet.report(devices, healthy)
  expect(await fleet.rollout()).toMatchObject({
    status: 'paused',
    reason: 'wave canary has passed; resume to continue',
    pausedBy: 'plan',
  })
  const records = await fleet.store.db.selectFrom('audit_records').select('detail').execute()
  expect(records.some(({ detail }) => detail.includes('"isPlanned":true'))).toBe(true)
  expect((await rolloutFacts(fleet.store.db, fleet.organisationId)).map(({ pausedBy }) => pausedBy)).toEqual(['plan'])
  await fleet.steer('resume')
  expect(await fleet.rollout()).toMatchObject({ status: 'rolling', wave: 1 })
  await fleet.steer('pause')
  expect(await fleet.rollout()).toMatchObject({ status: 'paused', pausedBy: 'person' })
})

test('a device that failed gets the offer again after a while, and counts as failed only after its last try', async () => {
  await using fleet = await openFleet()
  const [device] = await fleet.addDevices(1)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1', strategy: { retry: { max: 2, backoffSeconds: 10 } } })
  const token = async () => (await fleet.items(device as FleetDevice))[0]?.retryToken
  const fail = () => fleet.report(fleet.devices, failed)
  await fail()
  await fail()
  expect([await fleet.outcomes(), await token()]).toEqual([['offered'], 0])
  await fleet.pass(10_000)
  expect([await fleet.outcomes(), await token()]).toEqual([['offered'], 1])
  // The report about the try before is no answer.
  await fleet.pass(1_000)
  await fail()
  await fleet.pass(19_000)
  expect(await token()).toBe(1)
  await fleet.pass(1_000)
  expect([await fleet.outcomes(), await token()]).toEqual([['offered'], 2])
  await fail()
  expect([await fleet.outcomes(), (await fleet.rollout()).status]).toEqual([['failed'], 'paused'])
  await fleet.steer('retry')
  await fleet.steer('resume')
  expect([await fleet.outcomes(), await token()]).toEqual([['offered'], 3])
  await fleet.report(fleet.devices, healthy)
  expect((await fleet.rollout()).status).toBe('done')
  expect(fleet.errors).toEqual([])
})

test('only devices that failed get the offer again', async () => {
  await using fleet = await openFleet()
  const [bad, ...good] = await fleet.addDevices(4)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1' })
  await fleet.report([bad as FleetDevice], failed)
  await fleet.report(good, healthy)
  await fleet.steer('retry')
  const tokens = await Promise.all(fleet.devices.map(async (device) => (await fleet.items(device))[0]?.retryToken))
  expect(tokens).toEqual([1, 0, 0, 0])
  expect(await fleet.outcomes()).toEqual(['offered', 'healthy', 'healthy', 'healthy'])
})

test('devices that reject the revision stop it at a limit of their own, and only a person retries them', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(4)
  await fleet.addVersion('sensor', 1)
  const waves = [{ failuresMax: 3, limits: [{ kind: 'rejected', max: 1 }] }]
  await fleet.apply({ version: '1', strategy: { waves, retry: { max: 2, backoffSeconds: 1 } } })
  await fleet.report(devices.slice(0, 1), () => 'rejected')
  await fleet.pass(10_000)
  expect([(await fleet.rollout()).status, await fleet.outcomes()]).toEqual([
    'rolling',
    ['rejected', 'offered', 'offered', 'offered'],
  ])
  await fleet.report(devices.slice(1, 2), () => 'rejected')
  const { status, reason, waves: counted } = await fleet.rollout()
  expect([status, reason, counted[0]?.counts.rejected]).toEqual([
    'paused',
    '2 rejected it in wave wave-1, 1 allowed',
    2,
  ])
})

test('a device that is off is offered the revision last, with a budget and with a rate', async () => {
  for (const strategy of [{ budget: { maxUnavailable: '50%' } }, { rate: { perMinute: 1 } }]) {
    await using fleet = await openFleet()
    const devices = await fleet.addDevices(2)
    await fleet.addVersion('sensor', 1)
    const [first, second] = devices.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    if (!first || !second) throw new Error('too few devices')
    await fleet.leave(first)
    await fleet.apply({ version: '1', strategy })
    expect((await fleet.offered()).map(({ id }) => id)).toEqual([second.id])
    await fleet.report([second], healthy)
    await fleet.pass(61_000)
    expect(
      (await fleet.offered()).map(({ id }) => id),
      'then it is its turn',
    ).toContain(first.id)
  }
})
