import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { MaskStage } from '@skerry/contract/campaigns/masking'
import type { CampaignReport } from '@skerry/contract/campaigns/update'
import { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { admitReport, type ReportFacts } from './admit-report.ts'
import { beginCourse, type CampaignCourse, type RoundTally, reduceCourse } from './course.ts'
import { planMasks, sharedNeighbours } from './masked-round.ts'

const BASE = Digest.parse(`sha256:${'0'.repeat(64)}`)

const SPEC = CampaignSpec.parse({
  name: 'ward',
  model: 'digits',
  data: { name: 'digits', shape: [4], classes: 3 },
  rounds: 2,
  deadlineSeconds: 600,
  participants: { minimum: 3 },
  privacy: { masks: {} },
})

const select = (course: CampaignCourse, nowMs: number) =>
  reduceCourse(SPEC, course, { kind: 'selected', devices: [], rowsMax: 70, nowMs })

const tally = (course: CampaignCourse, counts: Partial<RoundTally>, nowMs: number) =>
  reduceCourse(SPEC, course, { kind: 'tallied', tally: { asked: 0, reported: 0, ended: 0, ...counts }, nowMs })

/** A course at the beginning of a stage. */
function atStage(stage: MaskStage): CampaignCourse {
  let course = select(beginCourse(SPEC, BASE, 0), 0)
  while (course.stage !== stage) course = tally(course, { reported: 4, needed: 3 }, 10)
  return course
}

test('the training of a masked round has four stages, each with its own deadline', () => {
  expect(atStage('keys')).toMatchObject({ phase: 'train', stage: 'keys', rowsMax: 70, deadlineMs: 120_000 })
  expect(atStage('shares')).toMatchObject({ phase: 'train', stage: 'shares', deadlineMs: 120_010 })
  expect(atStage('update')).toMatchObject({ phase: 'train', stage: 'update', deadlineMs: 600_010 })
  expect(atStage('reveal')).toMatchObject({ phase: 'train', stage: 'reveal', rowsMax: 70 })
  const summed = tally(atStage('reveal'), { reported: 2, needed: 2 }, 20)
  expect(summed.phase).toBe('aggregate')
  expect(summed).not.toHaveProperty('stage')
})

test('devices that do not answer in a stage do not hold it up', () => {
  const begun = atStage('shares')
  const waiting = tally(begun, { asked: 1, reported: 3 }, 1_000)
  expect(waiting.stage).toBe('shares')
  expect(tally(waiting, { asked: 1, reported: 3 }, 60_000).stage).toBe('update')
  expect(tally(begun, { asked: 2, reported: 2 }, 200_000)).toMatchObject({
    phase: 'select',
    attempt: 2,
    reason: 'round 1 got 2 of 3 answers with shares',
  })
})

test('a sum that stays masked repeats the round, and the third one ends the campaign', () => {
  let course = atStage('keys')
  for (const attempt of [1, 2, 3]) {
    expect(course).toMatchObject({ stage: 'keys', attempt })
    while (course.stage) course = tally(course, { reported: 3 }, 10)
    course = reduceCourse(SPEC, course, { kind: 'unmaskable', round: 1, reason: 'too few shares', nowMs: 20 })
    course = select(course, 20)
  }
  expect(course).toMatchObject({ phase: 'failed', reason: 'too few shares in 3 attempts' })
  const late = reduceCourse(SPEC, atStage('keys'), { kind: 'unmaskable', round: 1, reason: 'late', nowMs: 20 })
  expect(late).toEqual(atStage('keys'))
})

test('a pause in any stage gives the attempt up', () => {
  for (const stage of ['keys', 'shares', 'update', 'reveal'] as const) {
    const paused = reduceCourse(SPEC, atStage(stage), { kind: 'paused', reason: 'night', nowMs: 30 })
    expect(paused).toMatchObject({ phase: 'select', attempt: 2, isPaused: true })
    expect(paused).not.toHaveProperty('stage')
  }
})

const message = (stage: 'keys' | 'shares' | 'reveal'): CampaignReport => ({ kind: 'masking', stage })

function admit(stage: MaskStage, report: CampaignReport, parts: Partial<ReportFacts> = {}) {
  const bytes = { size: 20, wanted: 20, isFinite: true, isRight: true }
  const about = { course: atStage(stage), round: 1, attempt: 1, nowMs: 20 }
  return admitReport({ ...about, participant: { state: 'asked' }, report, bytes, ...parts })
}

test('a message of a stage counts once, in its stage, and from the right devices', () => {
  expect(admit('keys', message('keys'))).toEqual({ kind: 'exchanged' })
  expect(admit('shares', message('keys'))).toMatchObject({ kind: 'ignored', code: 'round_over' })
  const again = { participant: { state: 'asked', hasExchanged: true } } as const
  expect(admit('shares', message('shares'), again)).toMatchObject({ code: 'repeated' })
  expect(admit('reveal', message('reveal'))).toMatchObject({ code: 'repeated' })
  expect(admit('reveal', message('reveal'), { participant: { state: 'counted' } })).toEqual({ kind: 'exchanged' })
  const unreadable = { bytes: { size: 0, wanted: 0, isFinite: true, isRight: false } }
  expect(admit('keys', message('keys'), unreadable)).toMatchObject({ state: 'rejected', code: 'wrong_shape' })
})

test('an update counts in its stage only, and a device that reveals nothing stays in the sum', () => {
  const update: CampaignReport = {
    kind: 'trained',
    rows: 10,
    digest: BASE,
    before: { rows: 2, correct: 1, lossSum: 1 },
  }
  expect(admit('update', update)).toEqual({ kind: 'stored', state: 'counted' })
  expect(admit('keys', update)).toMatchObject({ state: 'rejected', code: 'wrong_kind' })
  const failed: CampaignReport = { kind: 'failed', code: 'masking_lost', message: 'gone' }
  expect(admit('shares', failed)).toMatchObject({ state: 'failed', code: 'masking_lost' })
  expect(admit('reveal', failed, { participant: { state: 'counted' } })).toEqual({ kind: 'exchanged' })
})

test('the plan of the masks does not depend on the order of the devices, and drops those that shared nothing', () => {
  const devices = ['a', 'b', 'c', 'd', 'e'].map((letter) => `dev_${letter.repeat(12)}` as DeviceId)
  const chance = { seed: 4, round: 2, attempt: 1 }
  const plan = planMasks(devices, chance)
  expect(planMasks(devices.toReversed(), chance)).toEqual(plan)
  expect(plan.threshold).toBe(3)
  const [first, ...others] = devices as [DeviceId, ...DeviceId[]]
  const shared = sharedNeighbours(plan, new Set(others))
  expect([...shared.keys()].toSorted()).toEqual(others)
  for (const near of shared.values()) expect(near).not.toContain(first)
})
