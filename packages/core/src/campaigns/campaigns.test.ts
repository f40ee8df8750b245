import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { CampaignReport } from '@skerry/contract/campaigns/update'
import type { OfferedData } from '@skerry/contract/held/campaigns'
import { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { admitReport } from './admit-report.ts'
import { candidateTrouble, chooseParticipants, wantedCount } from './choose.ts'
import { campaignTrouble } from './contradictions.ts'
import {
  beginCourse,
  type CampaignCourse,
  type CampaignEvent,
  isRoundOver,
  isSameWork,
  nextWork,
  reduceCourse,
} from './course.ts'
import { joinEvaluations } from './metric.ts'
import { createMixer, isMeanStrategy, mixRanked, mixStep, type ServerMoments } from './strategy.ts'
import { isFiniteWeights, joinWeights, splitWeights, stepNorm, weightsOfBytes } from './weights.ts'

const digest = (letter: string) => Digest.parse(`sha256:${letter.repeat(64)}`)
const BASE = digest('0')

const specOf = (parts: object = {}) =>
  CampaignSpec.parse({
    name: 'ward',
    model: 'digits',
    data: { name: 'digits', shape: [4], classes: 3 },
    rounds: 3,
    deadlineSeconds: 60,
    ...parts,
  })

const line = (...values: number[]) => Float32Array.from(values)

test('a mean weighs updates by their rows, and the norm bound shortens a step that is too long', () => {
  const mixer = createMixer({ kind: 'fedavg' }, line(0, 0), {})
  expect(mixer.add(line(1, 0), 1)).toEqual({ norm: 1, isBounded: false })
  mixer.add(line(4, 4), 3)
  expect([...mixer.mix().weights]).toEqual([3.25, 3])
  const bound = createMixer({ kind: 'norm-bound', bound: 1 }, line(0, 0), {})
  expect(bound.add(line(30, 40), 1)).toEqual({ norm: 50, isBounded: true })
  expect(bound.add(line(0, 0.5), 1).isBounded).toBe(false)
  const [x = 0, y = 0] = bound.mix().weights
  expect(x).toBeCloseTo(0.3)
  expect(y).toBeCloseTo(0.65)
})

test('momentum and Adam keep their moments from round to round', () => {
  const momentum = { kind: 'fedavgm', serverRate: 1, momentum: 0.5 } as const
  const round = (base: Float32Array, moments: object) => {
    const mixer = createMixer(momentum, base, moments)
    mixer.add(
      Float32Array.from(base, (value) => value + 1),
      5,
    )
    return mixer.mix()
  }
  const first = round(line(0), {})
  const second = round(first.weights, first.moments)
  expect([first.weights[0], second.weights[0]]).toEqual([1, 2.5])
  const adam = createMixer({ kind: 'fedadam', serverRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 0.001 }, line(0), {})
  adam.add(line(1), 1)
  // 0.1 · 0.1 / (√(0.99 · 1e-6 + 0.01) + 0.001)
  expect(adam.mix().weights[0]).toBeCloseTo(0.099005, 5)
})

test('Yogi moves its second moment by a bounded part, and Adagrad only upward', () => {
  const steps = (strategy: object, values: readonly number[]) => {
    const { strategy: parsed } = specOf({ strategy })
    if (!isMeanStrategy(parsed)) throw new Error('no mean')
    let moments: ServerMoments = {}
    return values.map((value) => {
      const base = line(0)
      const mixed = mixStep(parsed, { base, step: Float64Array.of(value), moments })
      moments = mixed.moments
      return { weight: mixed.weights[0] ?? Number.NaN, second: mixed.moments.second?.[0] ?? Number.NaN }
    })
  }
  const adagrad = steps({ kind: 'fedadagrad', serverRate: 1 }, [3, 4])
  // 0.001² + 9, and 16 more: the second step of 4 is divided by √25.000001 + 0.001.
  expect(adagrad[1]?.second).toBeCloseTo(25.000001, 5)
  expect(adagrad[1]?.weight).toBeCloseTo(4 / 5.001, 5)
  const yogi = steps({ kind: 'fedyogi', serverRate: 1, beta1: 0, beta2: 0.75 }, [2, 1])
  // 1e-6 + 0.25 · 4, then 1.000001 - 0.25 · 1.
  expect(yogi.map(({ second }) => second)).toEqual([expect.closeTo(1.000001, 5), expect.closeTo(0.750001, 5)])
  expect(yogi[1]?.weight).toBeCloseTo(1 / (Math.sqrt(0.750001) + 0.001), 5)
})

test('a median and a trimmed mean stay among the honest values', () => {
  const bad = line(1e9, -1e9)
  const parts = [line(1, 1), line(2, 2), line(3, 3), bad]
  expect([...mixRanked({ kind: 'median' }, parts)]).toEqual([2.5, 1.5])
  expect([...mixRanked({ kind: 'trimmed-mean', trim: 0.25 }, parts)]).toEqual([2.5, 1.5])
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 9 }),
      fc.constantFrom(Number.MAX_VALUE, -1e30, 1e5),
      (honest, evil) => {
        const attackers = Math.floor((honest.length - 1) / 2)
        const all = [...honest, ...Array.from({ length: attackers }, () => evil)].map((value) => line(value))
        const [middle = Number.NaN] = mixRanked({ kind: 'median' }, all)
        expect(middle).toBeGreaterThanOrEqual(Math.min(...honest))
        expect(middle).toBeLessThanOrEqual(Math.max(...honest))
      },
    ),
  )
})

test('weights go through bytes and parts unchanged, and a missing part is none', () => {
  const parameters = [
    { name: 'a', elements: 2 },
    { name: 'b', elements: 1 },
  ]
  const whole = line(1, 2, 3)
  const parts = splitWeights(whole, parameters)
  expect(joinWeights(parts, parameters)).toEqual(whole)
  expect(joinWeights(new Map([['a', line(1, 2)]]), parameters)).toBeUndefined()
  const odd = new Uint8Array([0, ...new Uint8Array(whole.buffer)]).subarray(1)
  expect(weightsOfBytes(odd, 3)).toEqual(whole)
  expect(weightsOfBytes(odd, 4)).toBeUndefined()
  expect([isFiniteWeights(whole), isFiniteWeights(line(1, Number.NaN)), isFiniteWeights(line(Infinity))]).toEqual([
    true,
    false,
    false,
  ])
  expect(stepNorm(line(0, 0), line(3, 4))).toBe(5)
})

test('the same seed chooses the same devices in any order, and each device about equally often', () => {
  const devices = Array.from({ length: 20 }, (_, i) => `dev_aaaaaaaaaaa${String.fromCharCode(97 + i)}` as DeviceId)
  const chance = { seed: 7, round: 3, attempt: 1 }
  const chosen = chooseParticipants(devices, 5, chance)
  expect(chooseParticipants(devices.toReversed(), 5, chance)).toEqual(chosen)
  const counts = new Map<string, number>()
  for (let round = 1; round <= 400; round += 1)
    for (const id of chooseParticipants(devices, 5, { ...chance, round })) counts.set(id, (counts.get(id) ?? 0) + 1)
  expect(counts.size).toBe(20)
  // 100 is the mean, and 8.7 the standard deviation.
  for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(45)
  expect(wantedCount(specOf({ participants: { minimum: 10, overSelect: 0.25 } }))).toBe(13)
})

test('a device takes part only with consent, with the right data, and where its site allows it', () => {
  const offered: OfferedData = {
    name: 'digits',
    rows: 100,
    type: 'float32',
    shape: [4],
    classes: 3,
    campaigns: ['ward'],
  }
  const site = { clearance: 'confidential', country: 'DE' } as const
  const spec = specOf({ participants: { dataClass: 'confidential', residency: ['EU'] } })
  const facts = { offered, site, isSelected: true }
  expect(candidateTrouble(spec, facts)).toBeUndefined()
  expect(candidateTrouble(spec, { ...facts, offered: { ...offered, campaigns: ['other'] } })).toContain('consent')
  expect(candidateTrouble(spec, { ...facts, offered: { ...offered, rows: 3 } })).toContain('needs 20')
  expect(candidateTrouble(spec, { ...facts, offered: { ...offered, shape: [5] } })).toContain('[5]')
  expect(candidateTrouble(spec, { ...facts, offered: { ...offered, type: 'uint8' } })).toContain('uint8')
  expect(candidateTrouble(spec, { ...facts, site: { ...site, clearance: 'internal' } })).toContain('cleared')
  expect(candidateTrouble(spec, { ...facts, site: { ...site, country: 'US' } })).toContain('not in EU')
  expect(candidateTrouble(spec, { ...facts, stated: { country: 'US' } })).toContain('its operator states')
  expect(candidateTrouble(spec, { ...facts, stated: { clearance: 'public' } })).toContain('its operator clears')
  expect(candidateTrouble(spec, { ...facts, offered: undefined })).toContain('offers no data')
  // Only captured rows are erased by subject.
  const captured = { ...offered, source: 'captures' }
  expect(candidateTrouble(spec, { ...facts, offered: captured, isBehind: true })).toContain('not yet erased the rows')
  expect(candidateTrouble(spec, { ...facts, offered: captured })).toBeUndefined()
  expect(candidateTrouble(spec, { ...facts, offered, isBehind: true })).toBeUndefined()
  const masked = specOf({ privacy: { masks: {} } })
  expect(candidateTrouble(masked, facts)).toContain('update the agent')
  expect(candidateTrouble(masked, { ...facts, offered: { ...offered, masks: true } })).toBeUndefined()
})

test('contradictions are refused with a reason', () => {
  expect(campaignTrouble(specOf())).toBeUndefined()
  expect(campaignTrouble(specOf({ strategy: { kind: 'median' } }))).toContain('3 or more')
  expect(campaignTrouble(specOf({ strategy: { kind: 'trimmed-mean', trim: 0.1 } }))).toContain('10 or more')
  const masked = (parts: object) => campaignTrouble(specOf({ privacy: { masks: {} }, ...parts }))
  expect(masked({})).toContain('set participants.minimum to 3 or more')
  expect(masked({ participants: { minimum: 3 } })).toBeUndefined()
  expect(masked({ participants: { minimum: 3 }, strategy: { kind: 'median' } })).toContain('masks hide them')
  const noisy = (strategy: object) =>
    campaignTrouble(specOf({ privacy: { noise: { bound: 1, multiplier: 1 } }, strategy, participants: { minimum: 5 } }))
  expect(noisy({ kind: 'fedadam' })).toBeUndefined()
  expect(noisy({ kind: 'median' })).toContain('is no sum')
  expect(noisy({ kind: 'norm-bound', bound: 2 })).toContain('bound of its own')
  expect(campaignTrouble(specOf({ stop: { patience: 3 } }))).toContain('never ends')
  expect(campaignTrouble(specOf({ stop: { accuracy: 0.8 }, result: { accuracyMin: 0.9 } }))).toContain('not publish')
  expect(campaignTrouble(specOf({ result: { labels: { campaign: 'x' } } }))).toContain('label campaign')
})

const trained: CampaignReport = { kind: 'trained', rows: 10, digest: BASE, before: { rows: 2, correct: 1, lossSum: 1 } }

test('late, repeated, foreign, misshapen and poisoned updates are named and do not count', () => {
  const spec = specOf()
  const course = reduceCourse(spec, beginCourse(spec, BASE, 0), { kind: 'selected', devices: [], nowMs: 0 })
  const bytes = { size: 16, wanted: 16, isFinite: true, isRight: true }
  const facts = {
    course,
    participant: { state: 'asked' as const },
    round: 1,
    attempt: 1,
    report: trained,
    bytes,
    nowMs: 9,
  }
  expect(admitReport(facts)).toEqual({ kind: 'stored', state: 'counted' })
  expect(admitReport({ ...facts, participant: undefined })).toMatchObject({ code: 'not_selected' })
  expect(admitReport({ ...facts, participant: { state: 'counted' } })).toMatchObject({ code: 'repeated' })
  expect(admitReport({ ...facts, round: 2 })).toMatchObject({ kind: 'ignored', code: 'round_over' })
  expect(admitReport({ ...facts, nowMs: 60_001 })).toMatchObject({ kind: 'ignored', code: 'round_over' })
  expect(admitReport({ ...facts, bytes: { ...bytes, size: 12 } })).toMatchObject({ code: 'wrong_shape' })
  expect(admitReport({ ...facts, bytes: { ...bytes, isFinite: false } })).toMatchObject({ code: 'not_finite' })
  expect(admitReport({ ...facts, bytes: { ...bytes, isRight: false } })).toMatchObject({ code: 'wrong_digest' })
  const cheat = { ...trained, before: { rows: 2, correct: 3, lossSum: 1 } }
  expect(admitReport({ ...facts, report: cheat })).toMatchObject({ state: 'rejected', code: 'wrong_count' })
  expect(
    joinEvaluations(spec, [
      { rows: 3, correct: 3, lossSum: 0 },
      { rows: 1, correct: 0, lossSum: 4 },
    ]),
  ).toEqual({ rows: 4, metric: { accuracy: 0.75 }, loss: 1 })
  expect(joinEvaluations(spec, [])).toBeUndefined()
})

const EVENTS = (round: number): fc.Arbitrary<CampaignEvent> => {
  const nowMs = 0
  const count = fc.nat({ max: 4 })
  return fc.oneof(
    fc.constant<CampaignEvent>({ kind: 'selected', devices: [], nowMs }),
    count.map((eligible): CampaignEvent => ({ kind: 'lacking', eligible, nowMs })),
    fc
      .tuple(count, count, count)
      .map(
        ([asked, reported, ended]): CampaignEvent => ({ kind: 'tallied', tally: { asked, reported, ended }, nowMs }),
      ),
    fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }).map((accuracy): CampaignEvent => {
      const evaluation = accuracy === undefined ? undefined : { accuracy }
      return { kind: 'aggregated', round, weights: BASE, evaluation, nowMs }
    }),
    fc.constant<CampaignEvent>({ kind: 'evaluated', round, evaluation: { accuracy: 0.5 }, nowMs }),
    fc.constant<CampaignEvent>({ kind: 'published', version: 2, nowMs }),
    fc.constant<CampaignEvent>({ kind: 'paused', reason: 'a test', nowMs }),
    fc.constant<CampaignEvent>({ kind: 'resumed', nowMs }),
  )
}

test('no history hangs: after any events, each campaign that goes on ends by time alone', () => {
  const history = fc.array(fc.tuple(fc.nat({ max: 5 }).chain(EVENTS), fc.nat({ max: 100_000 })), { maxLength: 60 })
  fc.assert(
    fc.property(history, (events) => {
      const spec = specOf({ stop: { patience: 2 } })
      let course = beginCourse(spec, BASE, 0)
      let nowMs = 0
      for (const [event, passedMs] of events) {
        nowMs += passedMs
        course = reduceCourse(spec, course, { ...event, nowMs })
      }
      course = reduceCourse(spec, course, { kind: 'resumed', nowMs })
      expect(endOf(spec, course, nowMs, 0)).toMatch(/^(done|failed)$/)
      expect(course.round).toBeLessThanOrEqual(spec.rounds + 1)
    }),
  )
})

/** The phase at the end, with so many reports a round from here on. */
function endOf(spec: CampaignSpec, start: CampaignCourse, startMs: number, reported: number): string {
  let course = start
  let nowMs = startMs
  for (let step = 0; step < 100 && nextWork(course) !== 'rest'; step += 1) {
    nowMs += 86_400_000
    course = reduceCourse(spec, course, workDone(course, reported, nowMs))
  }
  return course.phase
}

function workDone(course: CampaignCourse, reported: number, nowMs: number): CampaignEvent {
  const { round } = course
  const tally = { asked: 1, reported, ended: 0 }
  switch (nextWork(course)) {
    case 'select':
      return reported === 0 ? { kind: 'lacking', eligible: 0, nowMs } : { kind: 'selected', devices: [], nowMs }
    case 'aggregate':
      return { kind: 'aggregated', round, weights: BASE, evaluation: undefined, nowMs }
    case 'publish':
      return { kind: 'published', version: 2, nowMs }
    case 'collect':
    case 'rest':
      return course.phase === 'evaluate' && isRoundOver(course, tally, nowMs)
        ? { kind: 'evaluated', round, evaluation: undefined, nowMs }
        : { kind: 'tallied', tally, nowMs }
  }
}

test('a pause repeats the attempt that runs, and keeps a round that waits for its sum', () => {
  const spec = specOf()
  const training = reduceCourse(spec, beginCourse(spec, BASE, 0), { kind: 'selected', devices: [], nowMs: 0 })
  const paused = reduceCourse(spec, training, { kind: 'paused', reason: 'why not', nowMs: 1 })
  expect(paused).toMatchObject({ phase: 'select', attempt: 2, isPaused: true, reason: 'why not' })
  expect(nextWork(paused)).toBe('rest')
  expect(reduceCourse(spec, paused, { kind: 'selected', devices: [], nowMs: 2 })).toBe(paused)
  expect(reduceCourse(spec, paused, { kind: 'resumed', nowMs: 3 })).toMatchObject({ phase: 'select', isPaused: false })
  const summing: CampaignCourse = { ...beginCourse(spec, BASE, 0), phase: 'aggregate' }
  const held = reduceCourse(spec, summing, { kind: 'paused', reason: 'why not', nowMs: 1 })
  expect(reduceCourse(spec, held, { kind: 'resumed', nowMs: 2 })).toMatchObject({ phase: 'aggregate', attempt: 1 })
})

test('a count belongs to the attempt and the stage for which it was made', () => {
  const spec = specOf()
  const training = reduceCourse(spec, beginCourse(spec, BASE, 0), { kind: 'selected', devices: [], nowMs: 0 })
  const reached = reduceCourse(spec, training, {
    kind: 'tallied',
    tally: { asked: 1, reported: 100, ended: 0 },
    nowMs: 1,
  })
  expect(reached.reachedAtMs).toBe(1)
  expect(isSameWork(training, reached)).toBe(true)
  for (const other of [{ round: 2 }, { attempt: 2 }, { phase: 'evaluate' }, { stage: 'keys' }] as const)
    expect(isSameWork(training, { ...training, ...other })).toBe(false)
})

test('too few updates repeat a round, and then end the campaign with the reason', () => {
  const spec = specOf()
  let course = beginCourse(spec, BASE, 0)
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    expect(course).toMatchObject({ phase: 'select', attempt })
    course = reduceCourse(spec, course, { kind: 'selected', devices: [], nowMs: 0 })
    const tally = { asked: 0, reported: 1, ended: 2 }
    course = reduceCourse(spec, course, { kind: 'tallied', tally, nowMs: 1 })
  }
  expect(course).toMatchObject({ phase: 'failed', reason: 'round 1 got 1 of 2 updates in 3 attempts' })
})

test('late devices get some time after the minimum, and no more', () => {
  const spec = specOf()
  let course = reduceCourse(spec, beginCourse(spec, BASE, 0), { kind: 'selected', devices: [], nowMs: 0 })
  const tally = { asked: 1, reported: 2, ended: 0 }
  course = reduceCourse(spec, course, { kind: 'tallied', tally, nowMs: 10_000 })
  expect(reduceCourse(spec, course, { kind: 'tallied', tally, nowMs: 15_000 }).phase).toBe('train')
  expect(reduceCourse(spec, course, { kind: 'tallied', tally, nowMs: 16_000 }).phase).toBe('aggregate')
})

test('stop rules end the training, and a result below the minimum is not published', () => {
  const spec = specOf({ rounds: 50, stop: { accuracy: 0.9 }, result: { accuracyMin: 0.85 } })
  const at = (round: number): CampaignCourse => ({ ...beginCourse(spec, BASE, 0), phase: 'aggregate', round })
  const event = { kind: 'aggregated', weights: BASE, nowMs: 1 } as const
  expect(reduceCourse(spec, at(4), { ...event, round: 4, evaluation: { accuracy: 0.8 } })).toMatchObject({
    lastRound: 50,
  })
  const stopped = reduceCourse(spec, at(4), { ...event, round: 4, evaluation: { accuracy: 0.91 } })
  expect(stopped).toMatchObject({ phase: 'select', round: 5, lastRound: 4, ending: expect.stringContaining('0.9') })
  const judging = reduceCourse(spec, stopped, { kind: 'selected', devices: [], nowMs: 2 })
  expect(judging.phase).toBe('evaluate')
  const evaluated = { kind: 'evaluated', round: 5, nowMs: 3 } as const
  expect(reduceCourse(spec, judging, { ...evaluated, evaluation: { accuracy: 0.84 } })).toMatchObject({
    phase: 'failed',
    reason: expect.stringContaining('below 0.85'),
  })
  expect(reduceCourse(spec, judging, { ...evaluated, evaluation: { accuracy: 0.9 } }).phase).toBe('publish')
})
