import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { CampaignNoise } from '@skerry/contract/campaigns/noise'
import { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { drawRound, epsilonOf, isOverBudget, sampleRateOf, spendRound } from './budget.ts'
import { beginCourse, type CampaignCourse, reduceCourse } from './course.ts'
import { createMixer, mixStep, noiseDeviation } from './strategy.ts'

const BASE = Digest.parse(`sha256:${'0'.repeat(64)}`)

const NOISE: CampaignNoise = { bound: 1, multiplier: 1.3, delta: 1e-5 }

const specOf = (parts: object = {}) =>
  CampaignSpec.parse({
    name: 'ward',
    model: 'digits',
    data: { name: 'digits', shape: [4], classes: 3 },
    rounds: 50,
    participants: { minimum: 10, overSelect: 0 },
    ...parts,
  })

test('the spent ε is that of the reference, whether rounds are recorded one by one or together', () => {
  const sampleRate = 150 / 60_000
  expect(epsilonOf(NOISE, [{ sampleRate, rounds: 6_000 }])).toBeCloseTo(0.724223, 6)
  const parts = [
    { sampleRate, rounds: 2_000 },
    { sampleRate, rounds: 4_000 },
  ]
  expect(epsilonOf(NOISE, parts)).toBeCloseTo(0.724223, 6)
  const mixed = [
    { sampleRate, rounds: 5_999 },
    { sampleRate: 1, rounds: 1 },
  ]
  expect(epsilonOf(NOISE, mixed)).toBeGreaterThan(1)
  expect(epsilonOf(NOISE, [])).toBe(0)
})

test('the record adds rounds of the same rate, and a rate is never rounded down', () => {
  expect(spendRound(spendRound(spendRound([], 0.5), 1), 0.5)).toEqual([
    { sampleRate: 0.5, rounds: 2 },
    { sampleRate: 1, rounds: 1 },
  ])
  expect(sampleRateOf(specOf(), 3_000)).toBe(0.004)
  expect(sampleRateOf(specOf(), 10)).toBe(1)
})

test('each device is drawn by itself, about as often as the rate says', () => {
  const devices = Array.from({ length: 40 }, (_, at) => `dev_${at.toString(20).padStart(12, 'a')}` as DeviceId)
  const sizes = new Set<number>()
  let drawn = 0
  for (let round = 1; round <= 300; round += 1) {
    const choice = drawRound(specOf({ participants: { minimum: 3, overSelect: 3 } }), devices, {
      seed: 5,
      round,
      attempt: 1,
    })
    expect(choice.sampleRate).toBe(0.3)
    sizes.add(choice.devices.length)
    drawn += choice.devices.length
  }
  // 12 is the mean of a round, and 0.17 the standard deviation of the mean of 300.
  expect(Math.abs(drawn / 300 - 12)).toBeLessThan(0.7)
  expect(sizes.size).toBeGreaterThan(5)
  const all = drawRound(specOf(), devices.slice(0, 8), { seed: 5, round: 1, attempt: 1 })
  expect(all).toMatchObject({ sampleRate: 1, devices: { length: 8 } })
})

/** The course after a whole round. */
function playRound(spec: CampaignSpec, course: CampaignCourse, sampleRate: number): CampaignCourse {
  const select = { kind: 'selected', devices: [], sampleRate, nowMs: 1 } as const
  const tally = { kind: 'tallied', tally: { asked: 0, reported: 10, ended: 0 }, nowMs: 2 } as const
  const { round } = course
  const aggregate = { kind: 'aggregated', round, weights: BASE, evaluation: undefined, nowMs: 3 } as const
  return [select, tally, aggregate].reduce((now, event) => reduceCourse(spec, now, event), course)
}

test('a campaign ends before the round that would spend more than its budget', () => {
  const noise = { ...NOISE, epsilonMax: 4 }
  const spec = specOf({ privacy: { noise } })
  let course = beginCourse(spec, BASE, 0)
  for (let step = 0; step < 50 && course.phase !== 'evaluate'; step += 1) course = playRound(spec, course, 0.2)
  expect(course.phase).toBe('evaluate')
  expect(course.ending).toContain('more than ε 4')
  const rounds = course.round - 1
  expect(course.spent).toEqual([{ sampleRate: 0.2, rounds }])
  expect(rounds).toBeGreaterThan(5)
  expect(course.epsilon).toBeLessThanOrEqual(4)
  expect(epsilonOf(noise, [{ sampleRate: 0.2, rounds: rounds + 1 }])).toBeGreaterThan(4)
  // With all devices, the next round would cost more than the rest of the budget.
  expect(isOverBudget(noise, course.spent ?? [], 1)).toBe(true)
})

test('a budget below the first round ends the campaign, and attempts without a result cost nothing', () => {
  const spec = specOf({ privacy: { noise: { ...NOISE, epsilonMax: 0.5 } } })
  expect(playRound(spec, beginCourse(spec, BASE, 0), 1)).toMatchObject({
    phase: 'failed',
    reason: expect.stringContaining('privacy.noise.multiplier'),
  })
  const wide = specOf({ privacy: { noise: NOISE } })
  const begun = reduceCourse(wide, beginCourse(wide, BASE, 0), {
    kind: 'selected',
    devices: [],
    sampleRate: 1,
    nowMs: 1,
  })
  const lost = { kind: 'tallied', tally: { asked: 0, reported: 1, ended: 9 }, nowMs: 2 } as const
  const again = reduceCourse(wide, begun, lost)
  expect(again).toMatchObject({ phase: 'select', attempt: 2 })
  expect(again).not.toHaveProperty('spent')
  expect(playRound(wide, again, 1).spent).toEqual([{ sampleRate: 1, rounds: 1 }])
})

test('with noise, each device counts the same, and no step is longer than the bound', () => {
  const base = Float32Array.of(0, 0)
  const mixer = createMixer({ kind: 'fedavg' }, base, {}, NOISE)
  expect(mixer.add(Float32Array.of(30, 40), 1_000)).toEqual({ norm: 50, isBounded: true })
  expect(mixer.add(Float32Array.of(0, 0.5), 1).isBounded).toBe(false)
  const step = mixer.step()
  expect(step[0]).toBeCloseTo(0.3)
  expect(step[1]).toBeCloseTo(0.65)
  expect([...mixStep({ kind: 'fedavg' }, { base, step, moments: {} }).weights]).toEqual([...step].map(Math.fround))
  expect(noiseDeviation(NOISE, { updates: 10, elements: 4 })).toBeCloseTo(0.13)
  // Rounding to words can make a step longer, by one word in each weight.
  expect(noiseDeviation(NOISE, { updates: 10, elements: 4, word: 0.5 })).toBeCloseTo(0.26)
})
