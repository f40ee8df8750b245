/**
 * Plant: twelve simulated tags that follow one load, with noise and a daily rhythm, for eight virtual weeks. Counts
 * false alarms, planted faults that are found, and those whose tag is named.
 */

import { peaksOf } from '@skerry/onnx/learn/extremes'
import { type PlantedCase, plantFaults } from '@skerry/onnx/learn/faults'
import { aucOf, rankOf } from '@skerry/onnx/learn/judge'
import { type LearnedDetector, learnDetector, runDetector } from '@skerry/onnx/learn/learn'
import { chanceOf, normalOf } from '@skerry/onnx/learn/numbers'
import { type TagRows, windowEnds, windowValues } from '@skerry/onnx/learn/windows'
import { referenceScores } from './reference.ts'
import { runModel } from './runtime.ts'

const TAGS = 12
const SAMPLES = 16
const EVERY_MS = 300_000
const WEEK = (7 * 86_400_000) / EVERY_MS
const WEEKS = 8

export function machineRows(rows: number, seed: number): TagRows {
  const chance = chanceOf(seed)
  const form = chanceOf(4)
  const gains = Array.from({ length: TAGS }, () => ({
    load: 4 * form() - 2,
    day: 2 * form() - 1,
    noise: 0.1 + 0.3 * form(),
  }))
  const values = new Float64Array(rows * TAGS)
  let load = 0
  for (let row = 0; row < rows; row += 1) {
    load = 0.98 * load + 0.2 * normalOf(chance)
    const day = Math.sin((2 * Math.PI * row * EVERY_MS) / 86_400_000)
    for (const [tag, gain] of gains.entries())
      values[row * TAGS + tag] = 50 + 10 * tag + gain.load * load + gain.day * day + gain.noise * normalOf(chance)
  }
  return { tags: Array.from({ length: TAGS }, (_, tag) => `tag-${tag}`), values, rows }
}

export async function plantFigures(): Promise<object> {
  const signal = new AbortController().signal
  const order = { everyMs: EVERY_MS, samples: SAMPLES, falseAlarmDays: 7, accept: [], seed: 1 }
  const started = performance.now()
  const { detector, candidates, findings } = await learnDetector({
    rows: machineRows(WEEK, 11),
    order,
    run: runModel,
    signal,
  })
  const seconds = (performance.now() - started) / 1_000
  if (!detector) return { refused: findings }
  let alarms = 0
  for (let week = 0; week < WEEKS; week += 1) {
    const rows = machineRows(WEEK, 100 + week)
    const { scores } = await runDetector(
      runModel,
      detector.model,
      windowValues(rows, SAMPLES, windowEnds(rows, SAMPLES)),
      [SAMPLES, TAGS],
    )
    alarms += peaksOf(scores, 1, SAMPLES).length
  }
  const held = machineRows(WEEK, 999)
  const scale = new Float64Array(TAGS).map((_, tag) => deviationOfTag(held, tag))
  const cases = plantFaults(held, { samples: SAMPLES, scale, casesMax: 480, chance: chanceOf(5) })
  const found: Record<string, { cases: number; found: number; first: number; three: number }> = {}
  for (const planted of cases) {
    const ends = windowEnds(planted.rows, SAMPLES)
    const { scores, shares } = await runDetector(runModel, detector.model, windowValues(planted.rows, SAMPLES, ends), [
      SAMPLES,
      TAGS,
    ])
    const worst = scores.indexOf(Math.max(...scores))
    const rank = rankOf(shares.subarray(worst * TAGS, (worst + 1) * TAGS), planted.tags)
    const count = found[planted.kind] ?? { cases: 0, found: 0, first: 0, three: 0 }
    found[planted.kind] = count
    count.cases += 1
    if ((scores[worst] ?? 0) >= 1) count.found += 1
    if (rank === 1) count.first += 1
    if (rank <= 3) count.three += 1
  }
  const compared = await compare(detector, cases)
  return {
    chosen: detector.kind,
    compared,
    seconds: Number(seconds.toFixed(1)),
    alarmsInEightWeeks: alarms,
    found,
    candidates,
  }
}

/** The AUC over the same segments with and without their fault. */
async function compare({ kind, model }: LearnedDetector, cases: readonly PlantedCase[]): Promise<object> {
  const ours = async (windows: Float32Array) => (await runDetector(runModel, model, windows, [SAMPLES, TAGS])).scores
  const planted = windowsOf(cases.map((one) => one.rows))
  const clean = windowsOf(cases.map((one) => one.clean))
  return {
    [kind]: segmentsAuc(await ours(clean), await ours(planted), cases.length),
    ...(await judgeReference({ clean, planted, segments: cases.length })),
  }
}

/** All windows of the segments, one segment after the other. */
function windowsOf(segments: readonly TagRows[]): Float32Array {
  const rows = segments.map((segment) => windowValues(segment, SAMPLES, windowEnds(segment, SAMPLES)))
  return Float32Array.from(rows.flatMap((windows) => [...windows]))
}

/** By the worst window of each segment. */
function segmentsAuc(clean: Float32Array, planted: Float32Array, segments: number): number {
  const worst = (scores: Float32Array) => {
    const windows = scores.length / segments
    return Array.from({ length: segments }, (_, at) => Math.max(...scores.subarray(at * windows, (at + 1) * windows)))
  }
  return Number(aucOf(worst(clean), worst(planted)).toFixed(4))
}

type Compared = { clean: Float32Array; planted: Float32Array; segments: number }

async function judgeReference({ clean, planted, segments }: Compared): Promise<object> {
  const learned = machineRows(WEEK, 11)
  const reference = await referenceScores({ learned, samples: SAMPLES, tests: [clean, planted], seed: 1 })
  if (typeof reference === 'string') return { 'scikit-learn': { missing: reference } }
  const aucs = Object.entries(reference.scores).map(([kind, [of = clean, against = planted]]) => [
    kind,
    segmentsAuc(of, against, segments),
  ])
  return { 'scikit-learn': { version: reference.version, ...Object.fromEntries(aucs) } }
}

function deviationOfTag({ values, rows }: TagRows, tag: number): number {
  let sum = 0
  let squares = 0
  for (let row = 0; row < rows; row += 1) {
    const value = values[row * TAGS + tag] ?? 0
    sum += value
    squares += value * value
  }
  return Math.sqrt(squares / rows - (sum / rows) ** 2)
}
