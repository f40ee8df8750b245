import { expect, test } from 'vitest'
import { openFleet } from '../../test/stage/simulated-fleet.ts'
import { createRoundTrips } from './round-trips.ts'

test('the least of several pings is stored for each device', async () => {
  await using fleet = await openFleet()
  const [near, far] = await fleet.addDevices(2)
  if (!near || !far) throw new Error('there are two')
  const stored = async () => {
    const rows = await fleet.hub.store.db.selectFrom('device_round_trips').selectAll().execute()
    return new Map(rows.map(({ device_id, round_trip_ms }) => [device_id, round_trip_ms]))
  }
  const measure = async (pings: readonly (readonly [typeof near, number])[]) => {
    const trips = createRoundTrips(fleet.hub as never)
    for (const [{ id }, ms] of pings) trips.measured(id, ms)
    await trips[Symbol.asyncDispose]()
  }
  await measure([
    [near, 900],
    [near, 4],
    [near, 7],
    [far, 160],
    [far, 150],
  ])
  expect(await stored()).toEqual(new Map([[near.id, 4]]))
  await measure([
    [far, 160],
    [far, 150],
    [far, 170],
  ])
  expect(await stored()).toEqual(
    new Map([
      [near.id, 4],
      [far.id, 150],
    ]),
  )
})
