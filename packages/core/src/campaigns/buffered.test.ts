/** Buffered rounds on a clock with a heavy tail: fast devices do not wait for slow ones. */
import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { admitReport, type ReportFacts } from './admit-report.ts'
import { isInBuffer, staleFactor, staleMaxOf } from './buffered.ts'
import { campaignTrouble } from './contradictions.ts'
import { beginCourse, type CampaignCourse, reduceCourse } from './course.ts'
import { createMixer } from './strategy.ts'

const BASE = Digest.parse(`sha256:${'0'.repeat(64)}`)

const specOf = (parts: object = {}) =>
  CampaignSpec.parse({
    name: 'ward',
    model: 'digits',
    data: { name: 'digits', shape: [4], classes: 3 },
    rounds: 40,
    deadlineSeconds: 3_600,
    participants: { minimum: 10, overSelect: 1 },
    strategy: { kind: 'fedbuff', staleMax: 9 },
    ...parts,
  })

test('an update counts less with each round that it is older, and steps start from its own weights', () => {
  expect([0, 3, 8].map(staleFactor)).toEqual([1, 1 / 2, 1 / 3])
  const mixer = createMixer({ kind: 'fedbuff', staleMax: 9, serverRate: 1 }, Float32Array.of(5), {})
  mixer.add(Float32Array.of(6), 10)
  // It began at 1, three rounds ago, and stepped by 4: half of the step counts.
  expect(mixer.add(Float32Array.of(5), 10, { base: Float32Array.of(1), factor: staleFactor(3) }).norm).toBe(4)
  expect([...mixer.mix().weights]).toEqual([6.5])
  const slower = createMixer({ kind: 'fedbuff', staleMax: 9, serverRate: 0.5 }, Float32Array.of(5), {})
  slower.add(Float32Array.of(6), 10)
  expect([...slower.mix().weights]).toEqual([5.5])
})

const course = (parts: Partial<CampaignCourse> = {}): CampaignCourse => ({
  ...beginCourse(specOf(), BASE, 0),
  phase: 'train',
  round: 12,
  ...parts,
})

test('the buffer takes updates of some rounds before, also between two steps, and not after the last round', () => {
  expect([12, 11, 3, 2, 13].map((round) => isInBuffer(course(), round, 9))).toEqual([true, true, true, false, false])
  for (const phase of ['select', 'aggregate'] as const) expect(isInBuffer(course({ phase }), 11, 9)).toBe(true)
  expect(isInBuffer(course({ phase: 'evaluate' }), 12, 9)).toBe(false)
  expect(isInBuffer(course({ isPaused: true }), 12, 9)).toBe(false)
  expect(isInBuffer(course({ phase: 'select', round: 41 }), 40, 9)).toBe(false)
})

test('an old update is admitted once, and one that is too old is ignored', () => {
  const facts: ReportFacts = {
    course: course({ phase: 'aggregate' }),
    participant: { state: 'asked' },
    round: 10,
    attempt: 3,
    report: { kind: 'trained', rows: 10, digest: BASE, before: { rows: 2, correct: 1, lossSum: 1 } },
    bytes: { size: 16, wanted: 16, isFinite: true, isRight: true },
    staleMax: 9,
    nowMs: 5,
  }
  expect(admitReport(facts)).toEqual({ kind: 'stored', state: 'counted' })
  expect(admitReport({ ...facts, participant: { state: 'counted' } })).toMatchObject({ code: 'repeated' })
  expect(admitReport({ ...facts, round: 2 })).toMatchObject({ code: 'round_over' })
  const { staleMax: _, ...waiting } = facts
  expect(admitReport(waiting)).toMatchObject({ code: 'round_over' })
})

test('fedbuff is refused with masks and with noise', () => {
  const participants = { minimum: 10, overSelect: 1 }
  expect(campaignTrouble(specOf())).toBeUndefined()
  expect(campaignTrouble(specOf({ participants, privacy: { masks: {} } }))).toContain('never mask together')
  expect(campaignTrouble(specOf({ privacy: { noise: { bound: 1, multiplier: 1 } } }))).toContain('accountant')
})

/** [mulberry32] */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** As in the simulation of 1,000 devices: one of forty trainings takes more than ten times the median. */
const trainingMs = (random: () => number) => 20_000 * (1 / (1 - random()) - 0.9) ** 0.7

const CONCURRENT = 20

type Clock = { course: CampaignCourse; running: { round: number; endMs: number }[]; nowMs: number; counted: number }

/** The devices of a round begin. With a buffer, only those that are free do. */
function begin(spec: CampaignSpec, clock: Clock, random: () => number): void {
  if (staleMaxOf(spec) === undefined) clock.running = []
  const { course, running, nowMs } = clock
  while (running.length < CONCURRENT) running.push({ round: course.round, endMs: nowMs + trainingMs(random) })
  running.sort((a, b) => a.endMs - b.endMs)
  clock.course = reduceCourse(spec, course, { kind: 'selected', devices: [], nowMs })
}

/** Reports arrive until the hub makes its step. */
function play(spec: CampaignSpec, clock: Clock): void {
  const { running } = clock
  let reported = 0
  while (clock.course.phase === 'train') {
    clock.nowMs += 100
    for (let [first] = running; first && first.endMs <= clock.nowMs; [first] = running) {
      running.shift()
      reported += isInBuffer(clock.course, first.round, staleMaxOf(spec) ?? 0) ? 1 : 0
    }
    const tally = { asked: running.length, reported, ended: 0 }
    clock.course = reduceCourse(spec, clock.course, { kind: 'tallied', tally, nowMs: clock.nowMs })
  }
  clock.counted += reported
  const { round } = clock.course
  const step = { kind: 'aggregated', round, weights: BASE, evaluation: undefined, nowMs: clock.nowMs } as const
  clock.course = reduceCourse(spec, clock.course, step)
}

/** The time of 800 updates of 20 devices that train at once. */
function timeOf(spec: CampaignSpec, seed: number): number {
  const random = randomOf(seed)
  const clock: Clock = { course: beginCourse(spec, BASE, 0), running: [], nowMs: 0, counted: 0 }
  while (clock.counted < 800) {
    begin(spec, clock, random)
    play(spec, clock)
    expect(clock.course.attempt, clock.course.reason).toBe(1)
  }
  return clock.nowMs
}

test.each([1, 2, 3])('a buffer takes less than a third of the time for as many updates (seed %i)', (seed) => {
  const waiting = specOf({ strategy: { kind: 'fedavg' }, participants: { minimum: CONCURRENT, overSelect: 0 } })
  const buffered = specOf({ rounds: 400, participants: { minimum: 5, overSelect: 3 } })
  expect(timeOf(waiting, seed) / timeOf(buffered, seed)).toBeGreaterThan(3)
})
