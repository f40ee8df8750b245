import type { RolloutId } from '@skerry/contract/values/ids'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'
import { type ChangePlace, countMembers, listChanges, listMembers } from '../member-store.ts'

const BEGINNING: ChangePlace = { sequence: -1, deviceId: '' }

/** So many devices that run version 1, and version 2 offered to a tenth of them. */
async function rollingFleet(count = 10) {
  const fleet = await openFleet()
  const devices = await fleet.addDevices(count)
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  await fleet.apply({ version: '1' })
  await fleet.report(devices, () => 'active')
  await fleet.apply({ version: '2', strategy: { waves: [{ name: 'canary', limit: '10%', failuresMax: 1 }] } })
  return fleet
}

/** Everything that changed after a place, in pages of three. */
async function changesSince({ store, organisationId }: SimulatedFleet, rolloutId: RolloutId, place: ChangePlace) {
  const found = []
  let after = place
  while (true) {
    const { devices, last } = await listChanges(store.db, { organisationId, rolloutId, limit: 3, after })
    found.push(...devices)
    after = last
    if (devices.length < 3) return { found, after }
  }
}

test('whoever looks on is given what changed, and nothing else', async () => {
  await using fleet = await rollingFleet()
  const { id } = await fleet.rollout()
  const all = await changesSince(fleet, id, BEGINNING)
  expect(new Set(all.found.map(({ device }) => device)).size).toBe(10)
  expect(await changesSince(fleet, id, all.after)).toEqual({ found: [], after: all.after })
  const [canary] = await fleet.offered()
  if (!canary) throw new Error('nobody was offered it')
  const before = (await fleet.rollout()).sequence

  await fleet.report([canary], () => 'loading')
  const loading = await changesSince(fleet, id, all.after)
  expect(loading.found).toMatchObject([{ deviceId: canary.id, outcome: 'offered', state: 'loading' }])
  expect((await fleet.rollout()).sequence).toBeGreaterThan(before)
  await fleet.report([canary], () => 'loading')
  expect(await changesSince(fleet, id, loading.after)).toEqual({ found: [], after: loading.after })

  await fleet.report([canary], () => 'active')
  const opened = await changesSince(fleet, id, loading.after)
  expect(opened.found.map(({ outcome }) => outcome).toSorted()).toEqual(['healthy', ...Array(9).fill('offered')])
  expect(opened.found.find(({ deviceId }) => deviceId === canary.id)).toMatchObject({ state: 'active' })
})

test('a device that leaves is missed in the count', async () => {
  await using fleet = await rollingFleet()
  const { id, sequence } = await fleet.rollout()
  expect(await countMembers(fleet.store.db, id)).toBe(10)
  const [gone] = fleet.devices
  if (!gone) throw new Error('there is no device')
  await fleet.store.transaction(async (tx) => {
    await tx.deleteFrom('device_items').where('device_id', '=', gone.id).execute()
    await tx.deleteFrom('devices').where('id', '=', gone.id).execute()
  })
  fleet.bus.publish('device.changed', gone.id)
  await fleet.run()
  expect(await countMembers(fleet.store.db, id)).toBe(9)
  expect((await fleet.rollout()).sequence).toBeGreaterThan(sequence)
})

test('after a rollback the row still says why, and nothing of the revision that the device went back to', async () => {
  await using fleet = await rollingFleet()
  const { id } = await fleet.rollout()
  const [canary] = await fleet.offered()
  if (!canary) throw new Error('nobody was offered it')
  await fleet.report([canary], () => 'failed')
  await fleet.steer('rollback')
  await fleet.report(fleet.devices, () => 'active')
  const query = { organisationId: fleet.organisationId, rolloutId: id, limit: 100 }
  const rows = await listMembers(fleet.store.db, query)
  expect(rows.find(({ deviceId }) => deviceId === canary.id)).toMatchObject({
    outcome: 'failed',
    state: 'failed',
    cause: { code: 'golden_mismatch', message: 'case 1 is off by 3' },
  })
  expect(rows.filter(({ state }) => state !== undefined)).toHaveLength(1)
})

test('a failure that is borne keeps its time', async () => {
  await using fleet = await rollingFleet(20)
  const canaries = await fleet.offered()
  await fleet.report(canaries, () => 'failed')
  const atMs = fleet.clock.ms
  await fleet.pass(60_000)
  await fleet.steer('resume')
  const { id } = await fleet.rollout()
  const query = { organisationId: fleet.organisationId, rolloutId: id, limit: 100, outcome: 'tolerated' } as const
  const times = (await listMembers(fleet.store.db, query)).map(({ decidedAtMs }) => decidedAtMs)
  expect(times).toEqual([atMs, atMs])
})

/** What one report costs whoever looks on: rows read, and bytes sent. */
async function costOfOneReport(count: number) {
  await using fleet = await rollingFleet(count)
  const { id } = await fleet.rollout()
  const { organisationId, store, counts } = fleet
  const whole = await listChanges(store.db, { organisationId, rolloutId: id, limit: count, after: BEGINNING })
  const [canary] = await fleet.offered()
  if (!canary) throw new Error('nobody was offered it')
  await fleet.report([canary], () => 'failed')
  const before = counts.rows
  const { devices } = await listChanges(store.db, { organisationId, rolloutId: id, limit: 500, after: whole.last })
  return {
    rows: counts.rows - before,
    bytes: JSON.stringify(devices).length,
    wholeBytes: JSON.stringify(whole.devices).length,
  }
}

test(
  'one report costs whoever looks on as much in a rollout of 1,000 as in one of 20',
  deep('a rollout of 1,000 devices; the benchmarks judge it, too'),
  async () => {
    const small = await costOfOneReport(20)
    const large = await costOfOneReport(1_000)
    expect(large.rows).toBe(small.rows)
    expect(large.bytes).toBeLessThan(500)
    expect(large.wholeBytes).toBeGreaterThan(100_000)
  },
)
