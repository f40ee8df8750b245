import type { MonitorWindow } from '@skerry/contract/monitors/profile'
import { countsOf } from '@skerry/core/monitors/bins'
import { digestOf } from '@skerry/platform/files/hash'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'
import { toJson } from '../../store/json-column.ts'
import type { MonitorSumTable } from '../../store/tables/monitor-tables.ts'
import { addToSums } from '../window-sums.ts'
import { sweepCohorts, sweepWindows } from '../window-sweep.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const PROFILE: MonitorWindow['profile'] = digestOf('profile')

let fleet: SimulatedFleet
beforeEach(async () => {
  fleet = await openFleet()
})
afterEach(() => fleet[Symbol.asyncDispose]())

/** One value in the bin below 0 and the given ones above. */
const windowAt = (startMs: number, above: number, lost = 0): MonitorSumTable => ({
  organisation_id: fleet.organisationId,
  model: 'm',
  version: 1,
  profile: PROFILE,
  start_ms: startMs,
  end_ms: startMs + 15 * 60_000,
  windows: 1,
  rows: above + 1,
  counted: above + 1,
  lost,
  features: toJson([countsOf([0], [-1, ...new Array<number>(above).fill(1)])]),
})

const sums = () => fleet.store.db.selectFrom('monitor_sums').selectAll().orderBy('start_ms').execute()

const swept = () => ({
  store: fleet.store,
  clock: { nowMs: () => fleet.clock.ms } as never,
  signal: new AbortController().signal,
})

const sweep = () => sweepWindows(swept())

test('old sums become hours and days without the loss of a count, and a window that comes late is added', async () => {
  const nowMs = 500 * DAY_MS + 5 * HOUR_MS
  fleet.clock.ms = nowMs
  const starts = [
    ...Array.from({ length: 8 }, (_, at) => nowMs - HOUR_MS * 2 + at * 15 * 60_000),
    ...Array.from({ length: 8 }, (_, at) => 490 * DAY_MS + at * 15 * 60_000),
    ...Array.from({ length: 96 * 3 }, (_, at) => 400 * DAY_MS + at * 15 * 60_000),
    99 * DAY_MS,
  ]
  await fleet.store.transaction(async (tx) => {
    for (const startMs of starts)
      await tx
        .insertInto('monitor_sums')
        .values(windowAt(startMs, 3, 1))
        .execute()
  })
  await sweep()
  const rolled = await sums()
  const lengths = rolled.map(({ start_ms, end_ms }) => end_ms - start_ms)
  expect(lengths).toEqual([...new Array(3).fill(DAY_MS), HOUR_MS, HOUR_MS, ...new Array(8).fill(15 * 60_000)])
  expect(rolled[0]).toMatchObject({ start_ms: 400 * DAY_MS, windows: 96, rows: 4 * 96, counted: 4 * 96, lost: 96 })
  expect(JSON.parse(rolled[0]?.features ?? '')).toMatchObject([
    { counts: [96, 288], moments: { n: 384, min: -1, max: 1 } },
  ])

  const late = windowAt(401 * DAY_MS, 3)
  const place = { device_id: 'd', stream: 's', lane: 'bulk', sequence: 1, scores: null }
  await fleet.store.transaction((tx) => addToSums(tx, { ...late, ...place } as never, { lost: 0, cohorts: [] }))
  await sweep()
  const [, second, ...others] = await sums()
  expect(second).toMatchObject({ start_ms: 401 * DAY_MS, end_ms: 402 * DAY_MS, windows: 97, rows: 4 * 97 })
  expect(others).toHaveLength(11)
})

test('old sums of cohorts become hours and days, each by itself, and end with those of all devices', async () => {
  fleet.clock.ms = 500 * DAY_MS + 5 * HOUR_MS
  const { lost: _, ...window } = windowAt(0, 3)
  const quarters = Array.from({ length: 8 }, (_each, at) => 400 * DAY_MS + at * 15 * 60_000)
  await fleet.store.transaction(async (tx) => {
    for (const cohort of ['site=bremen', 'site=hamburg'])
      for (const startMs of [99 * DAY_MS, ...quarters])
        await tx
          .insertInto('monitor_cohort_sums')
          .values({ ...window, start_ms: startMs, end_ms: startMs + 15 * 60_000, cohort })
          .execute()
  })
  await sweepCohorts(swept())
  const sums = await fleet.store.db.selectFrom('monitor_cohort_sums').selectAll().orderBy('cohort').execute()
  const day = { start_ms: 400 * DAY_MS, end_ms: 401 * DAY_MS, windows: 8, rows: 32, counted: 32 }
  expect(sums).toMatchObject([
    { ...day, cohort: 'site=bremen' },
    { ...day, cohort: 'site=hamburg' },
  ])
  expect(JSON.parse(sums[0]?.features ?? '')).toMatchObject([{ counts: [8, 24] }])
})
