/** A year of sums: the newest windows are read, however many versions there were and however many windows they have. */
import { digestOf } from '@skerry/platform/files/hash'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'
import { SUMS_READ_MAX, sumsOf } from '../monitor-store.ts'

const WINDOW_MS = 60_000
const PROFILE = digestOf('profile')

let fleet: SimulatedFleet
beforeEach(async () => {
  fleet = await openFleet()
})
afterEach(() => fleet[Symbol.asyncDispose]())

/** That many windows of one row, one after the other. */
const addSums = (version: number, fromMs: number, windows: number) => {
  const insertion = sql`
    insert into monitor_sums
      (organisation_id, model, version, profile, start_ms, end_ms, windows, rows, counted, lost, features)
    with recursive place(at) as (select 0 union all select at + 1 from place where at + 1 < ${windows})
    select ${fleet.organisationId}, 'm', ${version}, ${PROFILE}, ${fromMs} + at * ${WINDOW_MS},
      ${fromMs} + (at + 1) * ${WINDOW_MS}, 1, 1, 1, 0, '[]'
    from place`
  return fleet.store.transaction((tx) => insertion.execute(tx))
}

const startsOf = async (of?: { version: number; profile: typeof PROFILE }) => {
  const query = { organisationId: fleet.organisationId, model: 'm', fromMs: 0, toMs: 1e12, ...(of && { of }) }
  return (await sumsOf(fleet.store.db, query)).map(({ start_ms }) => Number(start_ms))
}

test('a model with more windows than one read has its newest ones, by time', async () => {
  await addSums(1, 0, SUMS_READ_MAX + 3)
  const starts = await startsOf()
  expect([starts.length, starts[0]]).toEqual([SUMS_READ_MAX, 3 * WINDOW_MS])
  expect(starts.at(-1)).toBe((SUMS_READ_MAX + 2) * WINDOW_MS)
})

test('windows of later versions and other profiles take no place of those of one version', async () => {
  await addSums(1, 0, 4_000)
  for (const version of [2, 3, 4]) await addSums(version, version * 1e9, 4_000)
  await addSums(5, 0, 10)
  const of = { version: 1, profile: PROFILE }
  expect(await startsOf(of)).toEqual(Array.from({ length: 4_000 }, (_, at) => at * WINDOW_MS))
  expect(await startsOf({ ...of, profile: digestOf('another') })).toEqual([])
  expect((await startsOf({ ...of, version: 4 })).at(-1)).toBe(4e9 + 3_999 * WINDOW_MS)
})
