import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { CampaignStrategy } from '@skerry/contract/campaigns/strategy'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { describe, expect, test } from 'vitest'
import { compressStep, expandStep } from '../compression.ts'
import { campaignTrouble } from '../contradictions.ts'
import { beginCourse, type CampaignCourse } from '../course.ts'
import { createMixer } from '../strategy.ts'
import { bytesOfWeights, weightsOfBytes } from '../weights.ts'
import { admitSum, isOfferOpen, isSumDue, type NamedUpdate, type SumFacts, sumTimes } from './site-sum.ts'
import { openSumVector, updateBytes } from './sum-vector.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest
const device = (name: string) => `dev_${name}` as DeviceId

const specOf = (more: object) =>
  CampaignSpec.parse({
    name: 'ward',
    model: 'digits',
    data: { name: 'digits', shape: [4], classes: 2 },
    participants: { minimum: 5 },
    rounds: 3,
    aggregate: 'site',
    ...more,
  })

const COURSE: CampaignCourse = {
  ...beginCourse(specOf({}), digest('a'), 0),
  phase: 'train',
  sinceMs: 0,
  deadlineMs: 100_000,
}

const asked = (name: string, more: Partial<NamedUpdate['participant']> = {}): NamedUpdate => ({
  device: device(name),
  digest: digest('b'),
  participant: {
    state: 'asked',
    offer: { aggregator: device('gate'), digest: digest('b'), sumByMs: 9, endMs: 9 },
    mark: undefined,
    ...more,
  },
})

const facts = (more: Partial<SumFacts> = {}): SumFacts => ({
  course: COURSE,
  isWanted: true,
  round: 1,
  attempt: 1,
  aggregator: device('gate'),
  digest: digest('s'),
  bytes: { size: 16, wanted: 16, isFinite: true, isRight: true },
  updates: [asked('one'), asked('two')],
  nowMs: 50,
  ...more,
})

const codeOf = (more: Partial<SumFacts>) => {
  const verdict = admitSum(facts(more))
  return verdict.kind === 'refused' ? verdict.code : verdict.kind
}

describe('a sum', () => {
  test('counts if each of its updates was offered to this aggregator and has not come by itself', () => {
    expect(codeOf({})).toBe('counted')
    expect(codeOf({ updates: [asked('one'), asked('two', { state: 'counted', offer: undefined })] })).toBe('sum_stale')
    expect(codeOf({ updates: [asked('one'), asked('two', { offer: undefined })] })).toBe('sum_stale')
    expect(codeOf({ updates: [{ ...asked('one'), participant: undefined }] })).toBe('sum_stale')
    expect(codeOf({ updates: [{ ...asked('one'), digest: digest('c') }] })).toBe('sum_stale')
    expect(codeOf({ aggregator: device('other') })).toBe('sum_stale')
    expect(codeOf({ updates: [asked('one'), asked('one')] })).toBe('sum_repeats')
    expect(codeOf({ updates: [] })).toBe('sum_empty')
  })

  test('that comes again is counted once, after the end of the round too', () => {
    const mark = { by: device('gate'), sum: digest('s'), digest: digest('b') }
    const updates = [asked('one', { state: 'counted', mark }), asked('two', { state: 'counted', mark })]
    expect(codeOf({ updates })).toBe('repeated')
    expect(codeOf({ updates, course: { ...COURSE, round: 2 } })).toBe('repeated')
    expect(codeOf({ updates, digest: digest('t') })).toBe('sum_stale')
    expect(codeOf({ updates: [updates[0] ?? asked('one'), asked('two')] })).toBe('sum_stale')
  })

  test('is refused outside of its round, and if its bytes are wrong', () => {
    expect(codeOf({ isWanted: false })).toBe('sum_unwanted')
    expect(codeOf({ attempt: 2 })).toBe('round_over')
    expect(codeOf({ round: 2 })).toBe('round_over')
    expect(codeOf({ nowMs: 100_001 })).toBe('round_over')
    expect(codeOf({ course: { ...COURSE, isPaused: true } })).toBe('round_over')
    expect(codeOf({ course: { ...COURSE, stage: 'reveal' } })).toBe('round_over')
    expect(codeOf({ course: { ...COURSE, stage: 'update' } })).toBe('counted')
    const { bytes } = facts()
    expect(codeOf({ bytes: { ...bytes, size: 15 } })).toBe('wrong_shape')
    expect(codeOf({ bytes: { ...bytes, isRight: false } })).toBe('wrong_digest')
    expect(codeOf({ bytes: { ...bytes, isFinite: false } })).toBe('not_finite')
  })
})

test('a sum waits for slower devices for as much time again, and leaves time for the direct way', () => {
  expect(sumTimes(COURSE, 8_000, 10_000)).toEqual({ sumByMs: 25_000, endMs: 31_000 })
  expect(sumTimes(COURSE, 8_000, 60_000)).toEqual({ sumByMs: 75_000, endMs: 80_000 })
  // A line of 64 kbit/s needs a minute and more for a large sum.
  expect(sumTimes(COURSE, 4_000_000, 10_000)).toEqual({ sumByMs: 25_000, endMs: 80_000 })
  expect(sumTimes(COURSE, 8_000, 75_000)).toBeUndefined()
  const progress = { held: 2, expected: 3, sumByMs: 16_000 }
  expect(isSumDue(progress, 15_999)).toBe(false)
  expect(isSumDue(progress, 16_000)).toBe(true)
  expect(isSumDue({ ...progress, held: 3 }, 1)).toBe(true)
  expect(isSumDue({ ...progress, held: 0 }, 16_000)).toBe(false)
  expect(isOfferOpen({ endMs: 21_000 }, 25_999)).toBe(true)
  expect(isOfferOpen({ endMs: 21_000 }, 26_000)).toBe(false)
})

test.each<[CampaignStrategy, object, RegExp | undefined]>([
  [{ kind: 'fedavg' }, {}, undefined],
  [{ kind: 'fedavg' }, { training: { proximal: 0.1, personal: ['head.*'] } }, undefined],
  [{ kind: 'fedavgm', serverRate: 1, momentum: 0.9 }, { compression: 'int8' }, undefined],
  [{ kind: 'fedadam', serverRate: 1, beta1: 0.9, beta2: 0.9, epsilon: 0.1 }, { privacy: { masks: {} } }, undefined],
  [{ kind: 'norm-bound', bound: 1 }, { privacy: { masks: {} } }, undefined],
  [{ kind: 'norm-bound', bound: 1 }, {}, /norm-bound needs the update of each device/],
  [{ kind: 'krum', attackers: 1 }, {}, /krum needs/],
  [{ kind: 'median' }, {}, /median needs/],
  [{ kind: 'trimmed-mean', trim: 0.2 }, {}, /trimmed-mean needs/],
  [{ kind: 'scaffold', serverRate: 1 }, {}, /scaffold needs/],
  [{ kind: 'fedbuff', serverRate: 1, staleMax: 5 }, {}, /do not wait for each other/],
  [{ kind: 'fedavg' }, { privacy: { noise: { bound: 1, multiplier: 1 } } }, /add privacy.masks/],
  [{ kind: 'fedavg' }, { privacy: { masks: {}, noise: { bound: 1, multiplier: 1 } } }, undefined],
])('%j with %j may be summed at a site, or is refused with its reason', (strategy, more, reason) => {
  const trouble = campaignTrouble(specOf({ strategy, ...more }))
  if (reason) expect(trouble).toMatch(reason)
  else expect(trouble).toBeUndefined()
  expect(campaignTrouble(specOf({ strategy, ...more, aggregate: undefined }))).toBeUndefined()
})

const ELEMENTS = 600
const numbers = (seed: number) => Float32Array.from({ length: ELEMENTS }, (_, at) => Math.sin(seed * 1_000 + at))

describe('the vector of a sum', () => {
  test('gives the weights of updates that came one by one, within the rounding of float32', () => {
    const base = numbers(0)
    const updates = [1, 2, 3, 4].map((seed) => ({ values: numbers(seed), rows: seed * 37 }))
    const direct = createMixer({ kind: 'fedavg' }, base, {})
    for (const { values, rows } of updates) direct.add(values, rows)
    const joined = createMixer({ kind: 'fedavg' }, base, {})
    const vector = openSumVector({ form: 'weights', elements: ELEMENTS })
    for (const { values, rows } of updates.slice(1)) expect(vector.add(bytesOfWeights(values), rows)).toBeUndefined()
    joined.join(weightsOfBytes(vector.body(), ELEMENTS) ?? base, (2 + 3 + 4) * 37)
    joined.add(numbers(1), 37)
    const [one, other] = [direct.mix().weights, joined.mix().weights]
    for (const [at, value] of one.entries()) expect(Math.abs(value - (other[at] ?? Number.NaN))).toBeLessThan(2 ** -23)
  })

  test('adds masked words exactly, and they wrap', () => {
    const vector = openSumVector({ form: 'words', elements: 3 })
    const words = [Uint32Array.of(4_294_967_295, 7, 1), Uint32Array.of(2, 4_294_967_290, 1)]
    for (const one of words) expect(vector.add(new Uint8Array(one.buffer), 1)).toBeUndefined()
    expect([...new Uint32Array(vector.body().buffer)]).toEqual([1, 1, 2])
  })

  test('expands compressed steps, and weighs them', () => {
    const shape = { form: 'steps', elements: ELEMENTS } as const
    const steps = [1, 2].map((seed) => compressStep(numbers(seed)))
    const vector = openSumVector(shape)
    for (const [at, bytes] of steps.entries()) expect(vector.add(bytes, at + 1)).toBeUndefined()
    const [one, two] = steps.map((bytes) => expandStep(bytes, ELEMENTS) ?? new Float32Array())
    const mean = weightsOfBytes(vector.body(), ELEMENTS)
    for (const at of [0, 299, 599]) expect(mean?.[at]).toBeCloseTo(((one?.[at] ?? 0) + 2 * (two?.[at] ?? 0)) / 3, 6)
  })

  test('stays as it was if an update has another size, or values that are no numbers', () => {
    const vector = openSumVector({ form: 'weights', elements: 2 })
    vector.add(bytesOfWeights(Float32Array.of(1, 3)), 1)
    expect(vector.add(new Uint8Array(7), 1)).toMatch(/7 bytes, and 8/)
    expect(vector.add(bytesOfWeights(Float32Array.of(5, Number.NaN)), 1)).toMatch(/NaN/)
    expect(vector.add(bytesOfWeights(Float32Array.of(5, Number.POSITIVE_INFINITY)), 1)).toMatch(/NaN or infinite/)
    vector.add(bytesOfWeights(Float32Array.of(3, 5)), 1)
    expect([...(weightsOfBytes(vector.body(), 2) ?? [])]).toEqual([2, 4])
    expect(updateBytes({ form: 'steps', elements: 256 })).toBe(260)
  })
})
