import { InferenceSession, Tensor } from '@skerry/inference/runtime/onnx-runtime'
import { expect, test } from 'vitest'
import {
  type JointPart,
  joinParts,
  jointModelOf,
  middleOf,
  middleUnits,
  otherThresholds,
  otherUnit,
  ownValuesIn,
  ownWeightsOf,
  partTrouble,
  withoutPart,
} from '../../src/learn/joint.ts'
import { learnDetector, learnPart, runDetector } from '../../src/learn/learn.ts'
import { chanceOf, normalOf } from '../../src/learn/numbers.ts'
import type { Feed, RunModel } from '../../src/learn/run-model.ts'
import { type TagRows, windowEnds, windowValues } from '../../src/learn/windows.ts'
import { writeParameters } from '../../src/train/parameters.ts'

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

/** Machines of one type: six sensors follow two hidden loads. Each machine has levels and spreads of its own. */
function machine(rows: number, seed: number): TagRows {
  const chance = chanceOf(seed)
  const tags = ['a', 'b', 'c', 'd', 'e', 'f']
  const gains = [1, -0.6, 0.8, 0.3, -0.9, 0.5]
  const level = 20 + 10 * (seed % 7)
  const size = 1 + (seed % 5)
  const values = new Float64Array(rows * tags.length)
  let load = 0
  let heat = 0
  for (let row = 0; row < rows; row += 1) {
    load = 0.9 * load + 0.4 * normalOf(chance)
    heat = 0.95 * heat + 0.3 * normalOf(chance)
    for (const [tag, gain] of gains.entries())
      values[row * tags.length + tag] =
        level + 5 * tag + size * (gain * load + (1 - Math.abs(gain)) * heat + 0.15 * normalOf(chance))
  }
  return { tags, values, rows }
}

const ORDER = { everyMs: 60_000, samples: 8, falseAlarmDays: 1, accept: [], seed: 3 }
const signal = new AbortController().signal

const partsOf = (machines: readonly TagRows[]) =>
  machines.map((rows) => {
    const { part, findings } = learnPart({ rows, order: ORDER })
    if (!part) throw new Error(JSON.stringify(findings))
    return part
  })

test('the join of the parts is the covariance of all rows in one unit, and without a part that of the others', () => {
  const parts = partsOf([machine(500, 1), machine(300, 3), machine(400, 2)])
  const [first, second, third] = parts
  if (!first || !second || !third) throw new Error('no parts')
  const joint = joinParts(parts)
  expect(joint.rows).toBe(first.rows + second.rows + third.rows)
  expect(joint.units).toEqual(middleUnits(parts))
  const others = withoutPart(withoutPart(joint, first), third)
  expect(others.rows).toBe(second.rows)
  // A variance in the unit of the tag is the same in each unit of the features.
  const inTag = ({ covariance, units }: JointPart) => (covariance[0] ?? 0) * ((units[0] ?? 0) * (units[6] ?? 0)) ** 2
  expect(inTag(others) / inTag(second)).toBeCloseTo(1, 2)
  const mean = [first, second, third].reduce((sum, part) => sum + inTag(part) * part.rows, 0) / joint.rows
  expect(inTag(joint) / mean).toBeCloseTo(1, 4)
  expect(withoutPart(first, first)).toMatchObject({ rows: 0 })
})

test('a machine with another unit of a tag is found by its spread', () => {
  const parts = partsOf([machine(400, 1), machine(400, 2), machine(400, 3)])
  expect(parts.map((part) => otherUnit(part, middleUnits(parts)))).toEqual([undefined, undefined, undefined])
  const [first] = parts
  if (!first) throw new Error('no part')
  const other = { ...first, units: first.units.with(2, (first.units[2] ?? 0) * 1_000) }
  expect(otherUnit(other, middleUnits(parts))).toMatchObject({ tag: 2 })
})

test('no single machine decides the threshold of the joint detector, and one far from the others is found', () => {
  const lines = [2, 2.5, 1e-6, 3, 2].map((perThreshold) => Float32Array.of(7, perThreshold))
  expect(middleOf(lines)).toEqual(Float32Array.of(7, 2))
  expect(otherThresholds(lines).map((factor) => factor !== undefined)).toEqual([false, false, true, false, false])
  expect(otherThresholds(lines)[2]).toBeCloseTo(2e6, -2)
  expect(otherThresholds(lines.slice(0, 2))).toEqual([undefined, undefined])
  // Of two machines, nobody can say which one is wrong.
  expect(otherThresholds(lines.slice(1, 3)).every((factor) => factor !== undefined)).toBe(true)
})

test('a part that is no covariance is refused with the reason', () => {
  const [part] = partsOf([machine(400, 1)])
  if (!part) throw new Error('no part')
  const { covariance } = part
  expect(partTrouble(part, 6)).toBeUndefined()
  expect(partTrouble(part, 5)).toContain('20 positive units')
  expect(partTrouble({ ...part, covariance: covariance.subarray(1) }, 6)).toContain('170 numbers instead of 171')
  expect(partTrouble({ ...part, units: part.units.with(3, 0) }, 6)).toContain('24 positive units')
  expect(partTrouble({ ...part, rows: 0 }, 6)).toContain('no rows')
  expect(partTrouble({ ...part, rows: 20_000 }, 6)).toBeUndefined()
  expect(partTrouble({ ...part, rows: 4_000_000 }, 6)).toContain('20000 at most')
  expect(partTrouble({ ...part, covariance: covariance.with(0, -1) }, 6)).toContain('variance 0')
  expect(partTrouble({ ...part, covariance: covariance.with(0, Number.NaN) }, 6)).toContain('variance 0')
  expect(partTrouble({ ...part, covariance: covariance.with(1, 1e4) }, 6)).toContain('covariance of 1 and 0')
})

test('a machine with few rows finds more faults together with the others than alone', async () => {
  const machines = [machine(160, 1), machine(2_000, 2), machine(2_000, 3)]
  const parts = partsOf(machines)
  const [rows] = machines
  const [own] = parts
  if (!rows || !own) throw new Error('no machine')
  const others = withoutPart(joinParts(parts), own)
  const outcome = await learnDetector({ rows, order: { ...ORDER, others }, run, signal })
  const [joint, alone] = outcome.candidates
  expect(joint?.kind).toBe('joint')
  expect(alone?.kind).toBe('pca')
  expect(outcome.detector?.kind).toBe('joint')
  const foundBy = (detected: Readonly<Record<string, number>> = {}) =>
    Object.values(detected).reduce((sum, share) => sum + share, 0)
  expect(foundBy(joint?.detected)).toBeGreaterThan(foundBy(alone?.detected))
  expect(joint?.auc).toBeGreaterThan(0.9)
})

test('one file with the values of a machine has the scores of the detector that this machine judged', async () => {
  const machines = [machine(900, 1), machine(900, 2), machine(900, 3)]
  const parts = partsOf(machines)
  const joint = joinParts(parts)
  const models: Uint8Array[] = []
  for (const [at, rows] of machines.entries()) {
    const others = withoutPart(joint, parts[at] ?? joint)
    const { detector, findings } = await learnDetector({ rows, order: { ...ORDER, others }, run, signal })
    if (!detector) throw new Error(JSON.stringify(findings))
    models.push(detector.model)
  }
  const lines = models.map((model) => ownValuesIn(model, 6))
  const tags = machines[0]?.tags ?? []
  const shared = jointModelOf({ joint, own: middleOf(lines), samples: 8, tags })
  for (const [at, rows] of machines.entries()) {
    const line = lines[at] ?? new Float32Array()
    let first = 0
    const own = new Map<string, Float32Array>()
    for (const { name, elements } of ownWeightsOf(6)) {
      own.set(name, line.slice(first, first + elements))
      first += elements
    }
    const windows = windowValues(rows, 8, windowEnds(rows, 8).slice(0, 200))
    const judged = await runDetector(run, models[at] ?? shared.model, windows, [8, 6])
    const served = await runDetector(run, writeParameters(shared.model, own), windows, [8, 6])
    for (const [window, score] of judged.scores.entries())
      expect(Math.abs((served.scores[window] ?? 0) - score)).toBeLessThan(0.01 * score + 1e-4)
  }
  // Without values of its own, a machine has other levels than the middle one.
  const far = machines[0] && windowValues(machines[0], 8, windowEnds(machines[0], 8).slice(0, 50))
  const { scores } = await runDetector(run, shared.model, far ?? new Float32Array(), [8, 6])
  expect(Math.max(...scores)).toBeGreaterThan(1)
})

test('a constant tag of one machine speaks against a joint detector, because all machines need it', () => {
  const rows = machine(400, 1)
  for (let row = 0; row < rows.rows; row += 1) rows.values[row * 6] = 4
  expect(learnPart({ rows, order: ORDER })).toMatchObject({
    findings: [{ code: 'constant_tag', tag: 'a', message: expect.stringContaining('each tag on each machine') }],
  })
})
