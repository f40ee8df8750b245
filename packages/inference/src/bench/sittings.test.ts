import { expect, test } from 'vitest'
import type { Candidate, OpenedCandidate } from './candidate.ts'
import type { Turn, TurnAnswer } from './candidate-message.ts'
import { measureInSittings } from './sittings.ts'
import type { Terms } from './take-turns.ts'

/** A clock that moves only by the work and the rests of the test. */
function testClock() {
  let nowMs = 0
  return {
    spend(ms: number) {
      nowMs += ms
    },
    monotonicMs: () => nowMs,
    async sleep(ms: number) {
      nowMs += ms
    },
  }
}

type Life = { opened: number; closed: number; most: number }

/** A model that takes this time for a run, a little more or less in each sitting. */
function fakeCandidate(runMs: () => number, clock: ReturnType<typeof testClock>, life: Life): OpenedCandidate {
  life.opened += 1
  life.most = Math.max(life.most, life.opened - life.closed)
  const luck = 1 + (life.opened % 3) / 100
  const candidate: Candidate = {
    cases: 2,
    runtime: 'fake 1',
    async turn({ forMs }: Turn): Promise<TurnAnswer> {
      const took = runMs() * luck
      if (!(took > 0)) return { ok: false, message: 'its process ended with SIGSEGV' }
      clock.spend(forMs)
      return { ok: true, runsMs: [took, took, took], peakBytes: 1_000 * life.opened }
    },
    [Symbol.dispose]() {
      life.closed += 1
    },
  }
  return { ok: true, candidate }
}

function setUp(times: readonly (() => number)[], terms: Partial<Terms> = {}) {
  const clock = testClock()
  const life: Life = { opened: 0, closed: 0, most: 0 }
  const all: Terms = { untilMs: 600_000, cpuPercent: 100, isBusy: () => false, clock, ...terms }
  const open = async (place: number) => fakeCandidate(times[place] ?? (() => 1), clock, life)
  const { signal } = new AbortController()
  return { clock, life, measured: measureInSittings(times.length, open, all, signal) }
}

test('candidates that differ are apart after the first look, each sitting in new processes', async () => {
  const { life, measured } = setUp([() => 10, () => 5, () => 20])
  const { ended, results, runtime } = await measured
  expect(ended).toBe('separated')
  expect(runtime).toBe('fake 1')
  expect(life).toEqual({ opened: 15, closed: 15, most: 3 })
  expect(results[0]).toMatchObject({ timing: { n: 180 } })
  expect(results[0]).not.toHaveProperty('timing.speed')
  const speeds = results.map((result) => (result && 'timing' in result ? result.timing.speed?.middle : undefined))
  expect(speeds[1]).toBeCloseTo(2, 1)
  expect(speeds[2]).toBeCloseTo(0.5, 1)
})

test('equal candidates run until the time is over, or until the last sitting', async () => {
  expect((await setUp([() => 1, () => 1], { untilMs: 5_000 }).measured).ended).toBe('time')
  const { ended, results } = await setUp([() => 1, () => 1]).measured
  expect(ended).toBe('time')
  expect(results[1]).toMatchObject({ timing: { n: 40 * 12 * 3 } })
})

test('a request to a model of the device ends the run, and the figures until then stay', async () => {
  let looks = 0
  const { ended, results } = await setUp([() => 1, () => 1], { isBusy: () => ++looks > 9 }).measured
  expect(ended).toBe('busy')
  expect(results.every((result) => result && 'timing' in result && result.timing.speed === undefined)).toBe(true)
})

test('a candidate without a turn has no result', async () => {
  const { ended, results } = await setUp([() => 1, () => 1], { untilMs: 10 }).measured
  expect(ended).toBe('time')
  expect(results[0]).toMatchObject({ timing: { n: 3 } })
  expect(results[1]).toBeUndefined()
  expect((await setUp([() => 1], { isBusy: () => true }).measured).results).toEqual([undefined])
})

test('a candidate that crashes is left out from then on, and the others are measured', async () => {
  let turns = 0
  const { results } = await setUp([() => 2, () => (++turns > 20 ? 0 : 1), () => 1]).measured
  expect(results[1]).toEqual({ problem: { code: 'failed', message: 'its process ended with SIGSEGV' } })
  expect(results[2]).toMatchObject({ timing: { speed: { middle: expect.closeTo(2, 1) } } })
})

test('without the version nothing is compared, and the run ends', async () => {
  const { ended, results } = await setUp([() => 0, () => 1]).measured
  expect(ended).toBe('time')
  expect(results[0]).toHaveProperty('problem')
  expect(results[1]).toMatchObject({ timing: { n: 36 } })
  expect(results[1]).not.toHaveProperty('timing.speed')
})

test('a limit of the processor makes the turns rest', async () => {
  const quick = setUp([() => 10, () => 5])
  await quick.measured
  const slow = setUp([() => 10, () => 5], { cpuPercent: 25 })
  await slow.measured
  expect(slow.clock.monotonicMs() / quick.clock.monotonicMs()).toBeCloseTo(4, 1)
})
