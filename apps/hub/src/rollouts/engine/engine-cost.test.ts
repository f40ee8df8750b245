/** What steps cost, in queries and rows, not in time: a step of a big fleet must not cost more than what it changes. */
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { openFleet } from '../../../test/stage/simulated-fleet.ts'

const healthy = () => 'active' as const

/** The cost of some steps in a fleet of so many devices, of which 10 are canaries and the rest follow. */
async function costs(count: number) {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(count)
  await fleet.addVersion('sensor', 1)
  const cost = async (step: () => Promise<unknown>) => {
    const before = { ...fleet.counts }
    await step()
    return { queries: fleet.counts.queries - before.queries, rows: fleet.counts.rows - before.rows }
  }
  await fleet.apply({ strategy: { waves: [{ limit: 10, failuresMax: 3 }, { failuresMax: 3 }] } })
  const offered = await fleet.offered()
  const idle = await cost(() => fleet.pass(1_000))
  const oneReport = await cost(() => fleet.report(offered.slice(0, 1), healthy))
  await fleet.report(offered.slice(1, 9), healthy)
  const opening = await cost(() => fleet.report(offered.slice(9), healthy))
  expect((await fleet.rollout()).wave).toBe(1)
  const rest = (await fleet.offered()).filter((device) => !offered.includes(device))
  const lateReport = await cost(() => fleet.report(rest.slice(0, 1), healthy))
  await fleet.report(rest, healthy)
  expect((await fleet.rollout()).status).toBe('done')
  expect(await fleet.outcomes()).toEqual(devices.map(() => 'healthy'))
  // A look at the next devices is due, in case an event about one was lost.
  const sweep = await cost(() => fleet.pass(60_000))
  return { idle, oneReport, lateReport, opening, sweep }
}

test(
  'a report and an idle tick cost the same in a fleet of 1,000 as in one of 20; opening a wave costs as the wave',
  deep('a fleet of 1,000 devices; the benchmarks judge it, too'),
  async () => {
    const small = await costs(20)
    const large = await costs(1_000)
    expect(large.idle).toEqual(small.idle)
    expect(large.oneReport).toEqual(small.oneReport)
    expect(large.lateReport).toEqual(small.lateReport)
    expect(small.idle.queries).toBeLessThan(10)
    expect(small.oneReport.queries).toBeLessThan(40)
    // 990 devices more are offered it: each has its row changed, its document derived, stored and taken from the queue.
    const perDevice = (large.opening.rows - small.opening.rows) / 980
    expect(perDevice).toBeGreaterThan(1)
    expect(perDevice).toBeLessThan(15)
    // Each question is a round trip where the database is beyond a network.
    expect((large.opening.queries - small.opening.queries) / 980).toBeLessThan(0.5)
    expect(large.sweep.rows).toBeGreaterThan(200)
    expect(large.sweep.queries).toBeLessThanOrEqual(small.sweep.queries + 5)
  },
)
