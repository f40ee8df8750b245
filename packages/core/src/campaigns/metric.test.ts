import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { OfferedData } from '@skerry/contract/held/campaigns'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { admitReport } from './admit-report.ts'
import { candidateTrouble } from './choose.ts'
import { campaignTrouble } from './contradictions.ts'
import { beginCourse, type CampaignCourse, reduceCourse } from './course.ts'
import { joinEvaluations } from './metric.ts'

const BASE = Digest.parse(`sha256:${'0'.repeat(64)}`)

const CAMPAIGN = { name: 'mill', model: 'power', rounds: 50, deadlineSeconds: 60 }

const specOf = (loss: string, parts: object = {}, targets: readonly number[] = [1]) =>
  CampaignSpec.parse({
    ...CAMPAIGN,
    data: { name: 'rows', shape: [4], targets },
    training: { loss },
    ...parts,
  })

const troubleOf = (data: object, loss: string) => {
  const read = CampaignSpec.safeParse({
    ...CAMPAIGN,
    data: { name: 'rows', shape: [4], ...data },
    training: { loss },
  })
  return read.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

test('a loss needs the labels that it learns', () => {
  expect(troubleOf({ classes: 3 }, 'cross-entropy')).toBeUndefined()
  expect(troubleOf({}, 'cross-entropy')).toEqual(['data.classes: the number of classes is needed by a cross-entropy'])
  expect(troubleOf({ targets: [1] }, 'cross-entropy')?.[0]).toContain('data.targets: a cross-entropy learns classes')
  for (const loss of ['binary', 'mse', 'huber']) {
    expect(troubleOf({ targets: [] }, loss)).toBeUndefined()
    expect(troubleOf({}, loss)?.[0]).toContain(`is needed by the loss ${loss}, such as [1]`)
    expect(troubleOf({ classes: 3 }, loss)).toEqual([
      `data.classes: the loss ${loss} learns numbers; set data.targets instead`,
    ])
  }
})

test('a figure that the loss does not have is refused with the one that it has', () => {
  expect(campaignTrouble(specOf('mse', { stop: { accuracy: 0.9 } }))).toContain('use stop.error and result.errorMax')
  expect(campaignTrouble(specOf('huber', { result: { accuracyMin: 0.9 } }))).toContain('never right or wrong')
  expect(campaignTrouble(specOf('binary', { result: { errorMax: 2 } }))).toContain('use stop.accuracy and result.acc')
  expect(campaignTrouble(specOf('binary', { result: { accuracyMin: 0.9 } }))).toBeUndefined()
  const early = { stop: { error: 3 }, result: { errorMax: 2 } }
  expect(campaignTrouble(specOf('mse', early))).toContain('would stop at a mean error of 3, and not publish it')
})

test('errors are weighted by rows, and one that is not finite hides the figure', () => {
  const spec = specOf('mse')
  const one = { rows: 3, correct: 0, lossSum: 6, errorSum: 3 }
  expect(joinEvaluations(spec, [one, { rows: 1, correct: 0, lossSum: 2, errorSum: 5 }])).toEqual({
    rows: 4,
    loss: 2,
    metric: { error: 2 },
  })
  expect(joinEvaluations(spec, [one, { rows: 0, correct: 0, lossSum: 0 }])).toMatchObject({ metric: { error: 1 } })
  expect(joinEvaluations(spec, [one, { rows: 5, correct: 0, lossSum: 0 }])).toEqual({ rows: 8 })
  expect(joinEvaluations(spec, [])).toBeUndefined()
})

test('each target of a binary loss has an answer of its own', () => {
  const spec = specOf('binary', {}, [2])
  expect(joinEvaluations(spec, [{ rows: 4, correct: 6, lossSum: 1 }])).toMatchObject({ metric: { accuracy: 0.75 } })
  const course = reduceCourse(spec, beginCourse(spec, BASE, 0), { kind: 'selected', devices: [], nowMs: 0 })
  const facts = {
    course,
    participant: { state: 'asked' as const },
    round: 1,
    attempt: 1,
    report: { kind: 'trained' as const, rows: 4, digest: BASE, before: { rows: 4, correct: 6, lossSum: 1 } },
    bytes: { size: 4, wanted: 4, isFinite: true, isRight: true },
    nowMs: 9,
  }
  expect(admitReport({ ...facts, answersOfRow: 2 })).toMatchObject({ state: 'counted' })
  expect(admitReport(facts)).toMatchObject({ state: 'rejected', code: 'wrong_count' })
})

test('a smaller error is better, ends the training, and decides about the result', () => {
  const spec = specOf('huber', { stop: { error: 0.5, patience: 2 }, result: { errorMax: 1 } })
  const at = (round: number): CampaignCourse => ({ ...beginCourse(spec, BASE, 0), phase: 'aggregate', round })
  const after = (course: CampaignCourse, round: number, error: number) =>
    reduceCourse(spec, course, { kind: 'aggregated', round, weights: BASE, evaluation: { error }, nowMs: 1 })
  const first = after(at(4), 4, 2)
  expect(first).toMatchObject({ error: 2, best: { round: 3, error: 2 }, lastRound: 50 })
  const better = after({ ...first, phase: 'aggregate' }, 5, 1.5)
  expect(better.best).toEqual({ round: 4, error: 1.5 })
  const worse = after({ ...better, phase: 'aggregate' }, 6, 1.6)
  expect(worse).toMatchObject({ error: 1.6, best: { round: 4, error: 1.5 }, lastRound: 50 })
  expect(after({ ...worse, phase: 'aggregate' }, 7, 1.7)).toMatchObject({
    lastRound: 7,
    ending: 'the mean error has not improved for 2 rounds',
  })
  const stopped = after({ ...worse, phase: 'aggregate' }, 7, 0.4)
  expect(stopped).toMatchObject({ lastRound: 7, ending: 'the mean error fell to 0.5' })
  const judging = reduceCourse(spec, stopped, { kind: 'selected', devices: [], nowMs: 2 })
  const judged = (evaluation: { error: number } | undefined) =>
    reduceCourse(spec, judging, { kind: 'evaluated', round: 8, evaluation, nowMs: 3 })
  expect(judged({ error: 1 }).phase).toBe('publish')
  expect(judged({ error: 1.25 })).toMatchObject({ phase: 'failed', reason: expect.stringContaining('1.25 is above 1') })
  expect(judged(undefined)).toMatchObject({ phase: 'failed', reason: expect.stringContaining('finite figure') })
})

test('a device takes part if its labels have the form that the campaign needs', () => {
  const offer: OfferedData = {
    name: 'rows',
    rows: 100,
    type: 'float32',
    shape: [4],
    classes: 0,
    targets: [2],
    campaigns: 'any',
    abilities: ['targets'],
  }
  const about = (spec: CampaignSpec, offered: OfferedData) =>
    candidateTrouble(spec, { offered, site: { clearance: 'internal' }, isSelected: true })
  expect(about(specOf('mse', {}, [2]), offer)).toBeUndefined()
  expect(about(specOf('mse', {}, [2, 1]), offer)).toBeUndefined()
  expect(about(specOf('mse'), offer)).toContain('have the shape [2] for a row, and the campaign needs [1]')
  expect(about(specOf('mse', {}, [2]), { ...offer, abilities: [] })).toContain('too old for data.targets')
  const { targets: _, ...classes } = { ...offer, classes: 3 }
  expect(about(specOf('mse'), classes)).toBeUndefined()
  const learnsClasses = CampaignSpec.parse({ ...CAMPAIGN, data: { name: 'rows', shape: [4], classes: 3 } })
  expect(about(learnsClasses, offer)).toContain('its labels are numbers, and the campaign needs classes')
  expect(about(learnsClasses, classes)).toBeUndefined()
})
