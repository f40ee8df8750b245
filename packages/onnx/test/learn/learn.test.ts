import { InferenceSession, Tensor } from '@skerry/inference/runtime/onnx-runtime'
import { expect, test } from 'vitest'
import { chooseCandidate, findsFaults, worthOf } from '../../src/learn/choose.ts'
import { pcaHead, writeDetector } from '../../src/learn/detector-model.ts'
import { fitTail, thresholdOf } from '../../src/learn/extremes.ts'
import { learnDetector, runDetector } from '../../src/learn/learn.ts'
import { chanceOf, normalOf } from '../../src/learn/numbers.ts'
import { distancesOf, fitPca } from '../../src/learn/pca.ts'
import type { Feed, RunModel } from '../../src/learn/run-model.ts'
import { featuresOf, scalingOf, type TagRows, windowEnds, windowValues } from '../../src/learn/windows.ts'

const run: RunModel = async (model, feeds) => {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 })
  const inputs = Object.entries(feeds).map(([name, feed]) => [name, tensorOf(feed)])
  const outputs = await session.run(Object.fromEntries(inputs))
  await session.release()
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]))
}

const tensorOf = (feed: Feed) =>
  feed.type === 'float32'
    ? new Tensor('float32', feed.data, [...feed.dims])
    : new Tensor('int64', feed.data, [...feed.dims])

/** A machine: one load, and three sensors that follow it. */
function machine(rows: number, seed = 1): TagRows {
  const chance = chanceOf(seed)
  const tags = ['pressure', 'temperature', 'current']
  const values = new Float64Array(rows * 3)
  for (let row = 0; row < rows; row += 1) {
    const load = Math.sin(row / 20) + 0.3 * Math.sin(row / 7)
    values[3 * row] = 80 + 5 * load + 0.3 * normalOf(chance)
    values[3 * row + 1] = 40 + 2 * load + 0.2 * normalOf(chance)
    values[3 * row + 2] = 7 - load + 0.1 * normalOf(chance)
  }
  return { tags, values, rows }
}

const ORDER = { everyMs: 1_000, samples: 16, falseAlarmDays: 7, accept: [], seed: 3 }
const signal = new AbortController().signal

test('the exported model computes the features and the distance as the training does', async () => {
  const rows = machine(600)
  const scaling = scalingOf(rows, 16)
  const windows = windowValues(rows, 16, windowEnds(rows, 16))
  const features = featuresOf(scaling, windows)
  const pca = fitPca(features, 9)
  const model = writeDetector({ scaling, head: pcaHead(pca), threshold: 2, tags: rows.tags, kind: 'pca' })
  const { scores, shares } = await runDetector(run, model, windows, [16, 3])
  const distances = distancesOf(pca, features)
  for (const [at, distance] of distances.entries()) expect(scores[at]).toBeCloseTo(distance / 2, 3)
  for (let at = 0; at < scores.length; at += 1)
    expect((shares[3 * at] ?? 0) + (shares[3 * at + 1] ?? 0) + (shares[3 * at + 2] ?? 0)).toBeCloseTo(1, 3)
})

test('a detector finds planted faults of a machine, names the tag, and raises no alarm on normal rows', async () => {
  const outcome = await learnDetector({ rows: machine(3_000), order: ORDER, run, signal })
  expect(outcome.candidates.map(({ kind }) => kind)).toEqual(['pca', 'change', 'auto-encoder', 'forest'])
  expect(outcome.candidates[0]).toMatchObject({ kind: 'pca', named: 1, falseAlarms: 0 })
  expect(outcome.candidates[0]?.auc).toBeGreaterThan(0.98)
  expect(outcome.candidates[0]?.namedFirst).toBeGreaterThan(0.9)
  expect(outcome.findings).toEqual([])
  const later = machine(6_000, 9)
  const { detector } = outcome
  if (!detector) throw new Error('no detector')
  const scored = await runDetector(run, detector.model, windowValues(later, 16, windowEnds(later, 16)), [16, 3])
  expect(scored.scores.filter((score) => score >= 1)).toHaveLength(0)
})

test('rows of a marked time raise no alarm in the next detector, and a fault of another tag still does', async () => {
  const hot = machine(80, 5)
  const shifted = (rows: TagRows, tag: number, by: number): TagRows => ({
    ...rows,
    values: rows.values.map((value, at) => (at % 3 === tag ? value + by : value)),
  })
  const normal = shifted(hot, 1, 8)
  const order = { ...ORDER, kinds: ['pca'] as const }
  const scoresWith = async (outcome: Awaited<ReturnType<typeof learnDetector>>, rows: TagRows) => {
    if (!outcome.detector) throw new Error('no detector')
    const windows = windowValues(rows, 16, windowEnds(rows, 16))
    return (await runDetector(run, outcome.detector.model, windows, [16, 3])).scores
  }
  const before = await learnDetector({ rows: machine(2_000), order, run, signal })
  expect(before.detector?.raised).toBe(1)
  expect(Math.max(...(await scoresWith(before, normal)))).toBeGreaterThan(1)
  const after = await learnDetector({ rows: machine(2_000), normal, order, run, signal })
  expect(after.detector?.raised).toBeGreaterThanOrEqual(1)
  expect(Math.max(...(await scoresWith(after, normal)))).toBeLessThan(1)
  expect(Math.max(...(await scoresWith(after, shifted(hot, 2, -6))))).toBeGreaterThan(1)
})

test('a constant tag is left out and said, a person may keep it, and its marked rows are left out too', async () => {
  const moving = machine(600)
  const withConstant = (rows: TagRows): TagRows => ({
    tags: ['setpoint', ...rows.tags],
    values: Float64Array.from({ length: rows.rows * 4 }, (_, at) =>
      at % 4 === 0 ? 30 : (rows.values[Math.floor(at / 4) * 3 + (at % 4) - 1] ?? 0),
    ),
    rows: rows.rows,
  })
  const rows = withConstant(moving)
  const order = { ...ORDER, kinds: ['pca'] as const }
  const left = await learnDetector({ rows, normal: withConstant(machine(80, 5)), order, run, signal })
  expect(left.findings).toMatchObject([
    { code: 'constant_tag', tag: 'setpoint', message: expect.stringContaining('30; the detector leaves it out') },
  ])
  expect(left.tags.map(({ tag }) => tag)).toEqual(moving.tags)
  const kept = await learnDetector({ rows, order: { ...order, accept: ['constant_tag'] }, run, signal })
  expect(kept.tags.map(({ tag }) => tag)).toEqual(rows.tags)
  const still = { ...machine(400), values: new Float64Array(1_200).fill(7) }
  const none = await learnDetector({ rows: still, order, run, signal })
  expect([none.detector, none.findings.length]).toEqual([undefined, 3])
})

test('the threshold of a candidate is above each score of its held-out rows', async () => {
  const rows = machine(900)
  // In the last quarter, the machine is noisier than the scores that set the threshold.
  const values = rows.values.map((value, at) => (at > 3 * 850 && at % 3 === 1 ? value + 6 : value))
  const order = { ...ORDER, kinds: ['pca'] as const }
  const { candidates, detector } = await learnDetector({ rows: { ...rows, values }, order, run, signal })
  expect(candidates[0]?.falseAlarms).toBeGreaterThan(0)
  if (!detector) throw new Error('no detector')
  const windows = windowValues({ ...rows, values }, 16, windowEnds(rows, 16).slice(-200))
  const { scores } = await runDetector(run, detector.model, windows, [16, 3])
  expect(Math.max(...scores)).toBeLessThan(1)
})

test('a candidate that finds all faults is chosen over one that finds few, whatever its false alarms', () => {
  const all = { stuck: 1, spike: 1, drift: 1, shift: 1, swap: 1 }
  const few = { ...all, stuck: 0, drift: 0, shift: 0 }
  const good = worthOf({ auc: 1, detected: all, named: 1, falseAlarms: 9, stability: 30 })
  expect(good).toBeGreaterThan(worthOf({ auc: 0.9, detected: few, named: 1, falseAlarms: 0, stability: 1 }))
})

test('a candidate whose scores grow within a long recording is chosen only if no other one is useful', () => {
  const all = { stuck: 1, spike: 1, drift: 1, shift: 1, swap: 1 }
  const common = { auc: 0.95, named: 1, namedFirst: 1, falseAlarms: 0, heldOutRows: 400, bytes: 1 }
  const growing = { candidate: { ...common, kind: 'auto-encoder', detected: all, stability: 3.3 } }
  const settled = { candidate: { ...common, kind: 'change', detected: { ...all, drift: 0, shift: 0 }, stability: 0.9 } }
  expect(chooseCandidate([growing, settled], [])).toEqual({ best: settled })
  const weak = { candidate: { ...settled.candidate, auc: 0.6 } }
  expect(chooseCandidate([growing, weak], [])).toEqual({ best: growing })
  expect(chooseCandidate([growing], [])).toEqual({ best: growing })
  const short = { candidate: { ...growing.candidate, heldOutRows: 80 } }
  expect(chooseCandidate([short, settled], [])).toEqual({ best: short })
})

test('rows that never change have a threshold, and a candidate that finds no fault is never chosen', async () => {
  expect(thresholdOf(new Float32Array(500), 16, 60_480).threshold).toBeGreaterThan(0)
  expect(thresholdOf([], 16, 60_480).threshold).toBeNaN()
  expect(findsFaults({ detected: { stuck: 0, spike: 0 } })).toBe(false)
  expect(findsFaults({ detected: {} })).toBe(false)
  expect(findsFaults({ detected: { stuck: 0, spike: 0.1 } })).toBe(true)
  const accept = ['constant_tag', 'detector_weak'] as const
  const still = { ...machine(400), values: new Float64Array(1_200).fill(7) }
  const order = { ...ORDER, accept, kinds: ['pca', 'forest'] as const }
  const outcome = await learnDetector({ rows: still, order, run, signal })
  expect(JSON.stringify(outcome.candidates)).not.toContain('null')
  // A person has accepted a weak detector.
  expect(outcome.detector).toBeDefined()
  const refused = await learnDetector({ rows: still, order: { ...order, accept: ['constant_tag'] }, run, signal })
  expect(refused.detector === undefined ? refused.findings : [{ code: 'detector_weak' }]).toMatchObject([
    { code: 'detector_weak' },
  ])
})

test('the tail of an exponential and of a heavy distribution is found again', () => {
  const chance = chanceOf(5)
  const exponential = Array.from({ length: 2_000 }, () => -Math.log(1 - chance()))
  const light = fitTail(exponential)
  expect(light.scale).toBeCloseTo(1, 1)
  expect(Math.abs(light.shape)).toBeLessThan(0.1)
  const heavy = fitTail(exponential.map((value) => (Math.exp(0.3 * value) - 1) / 0.3))
  expect(heavy.shape).toBeCloseTo(0.3, 1)
  // Independent exponential scores: one in a million is over ln(1e6) = 13.8.
  expect(thresholdOf(exponential, 1, 1e6).threshold).toBeGreaterThan(12)
  expect(thresholdOf(exponential, 1, 1e6).threshold).toBeLessThan(20)
})
