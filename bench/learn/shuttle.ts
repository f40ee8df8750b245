/**
 * Shuttle: nine channels of real sensors, which were not used while the candidates were developed. A detector learns from
 * normal rows of the first part of the file. Its kind and its threshold are fixed before the last part is read.
 *
 * The file has its rows in no order of time. A faulty window is one faulty row behind normal rows: an event that has just
 * begun.
 */
import type { DetectorKind } from '@skerry/contract/learning/learning'
import { peaksOf } from '@skerry/onnx/learn/extremes'
import { plantFaults } from '@skerry/onnx/learn/faults'
import { aucOf, rankOf } from '@skerry/onnx/learn/judge'
import { type LearnedDetector, learnDetector, runDetector } from '@skerry/onnx/learn/learn'
import { chanceOf } from '@skerry/onnx/learn/numbers'
import { scalingOf, type TagRows, windowEnds, windowValues } from '@skerry/onnx/learn/windows'
import { referenceScores } from './reference.ts'
import { runModel } from './runtime.ts'
import { CHANNELS, NORMAL, readShuttle, type Shuttle } from './shuttle-data.ts'

/** Of the UCI: the first 43,500 rows are for training. */
const TRAINING_ROWS = 43_500

/** The rows have no times. These are of five weeks at this pace. */
const EVERY_MS = 300_000
const LEARNED_ROWS = 10_000

/** The least that a detector takes: the rows are in no order of time. */
const SAMPLES = 4

const SEED = 1
const CASES = 360

/** Many works on outliers leave this frequent class out. */
const FREQUENT = 4

const KINDS: readonly DetectorKind[] = ['pca', 'change', 'auto-encoder', 'forest']
const TAGS = Array.from({ length: CHANNELS }, (_, channel) => `channel-${channel + 1}`)

/** Channels of the Shuttle rest and jump, which a person would accept after a look. */
const ACCEPT = ['two_regimes', 'source_faulty', 'unit_changed', 'detector_weak']

const rounded = (value: number) => Number(value.toFixed(4))

export async function shuttleFigures(): Promise<object> {
  const shuttle = readShuttle()
  if (typeof shuttle === 'string') return { missing: shuttle }
  const learned = rowsOf(shuttle, { from: 0, to: TRAINING_ROWS, isWanted: (one) => one === NORMAL, most: LEARNED_ROWS })
  const fixed = await learnKinds(learned)
  // From here on nothing is learned or chosen any more.
  const test = openTest(shuttle)
  const judged: Record<string, object> = {}
  for (const [kind, detector] of Object.entries(fixed.detectors)) judged[kind] = await judge(detector, test)
  return {
    learnedRows: learned.rows,
    testWindows: { normal: test.normalEnds.length, faulty: test.faults.length },
    chosen: fixed.chosen,
    candidates: fixed.candidates,
    judged,
    'scikit-learn': await judgeReference(learned, test),
  }
}

type Wanted = { from: number; to: number; isWanted(one: number): boolean; most: number }

function rowsOf({ values, classes }: Shuttle, { from, to, isWanted, most }: Wanted): TagRows {
  const rows = Array.from({ length: to - from }, (_, at) => from + at)
    .filter((row) => isWanted(classes[row] ?? 0))
    .slice(0, most)
  const kept = Float64Array.from(rows.flatMap((row) => [...values.subarray(row * CHANNELS, (row + 1) * CHANNELS)]))
  return { tags: TAGS, values: kept, rows: rows.length }
}

async function learnKinds(rows: TagRows) {
  const signal = new AbortController().signal
  const order = { everyMs: EVERY_MS, samples: SAMPLES, falseAlarmDays: 7, accept: ACCEPT, seed: SEED }
  const detectors: Record<string, LearnedDetector> = {}
  for (const kind of KINDS) {
    const { detector } = await learnDetector({ rows, order: { ...order, kinds: [kind] }, run: runModel, signal })
    if (detector) detectors[kind] = detector
  }
  const { detector: best, findings, candidates } = await learnDetector({ rows, order, run: runModel, signal })
  return { detectors, chosen: best?.kind ?? findings.map(({ code }) => code), candidates }
}

type Fault = { class: number; window: Float32Array }
type Test = { normal: TagRows; normalEnds: number[]; normalWindows: Float32Array; faults: Fault[] }

function openTest(shuttle: Shuttle): Test {
  const to = shuttle.classes.length
  const part = { from: TRAINING_ROWS, to, most: to }
  const normal = rowsOf(shuttle, { ...part, isWanted: (one) => one === NORMAL })
  const faults = rowsOf(shuttle, { ...part, isWanted: (one) => one !== NORMAL })
  const classes = Array.from(shuttle.classes.subarray(TRAINING_ROWS)).filter((one) => one !== NORMAL)
  const normalEnds = windowEnds(normal, SAMPLES)
  return {
    normal,
    normalEnds,
    normalWindows: windowValues(normal, SAMPLES, normalEnds),
    faults: classes.map((one, at) => ({ class: one, window: faultyWindow(normal, faults, at) })),
  }
}

function faultyWindow(normal: TagRows, faults: TagRows, at: number): Float32Array {
  const window = new Float32Array(SAMPLES * CHANNELS)
  const first = (at % (normal.rows - SAMPLES)) * CHANNELS
  window.set(normal.values.subarray(first, first + (SAMPLES - 1) * CHANNELS))
  window.set(faults.values.subarray(at * CHANNELS, (at + 1) * CHANNELS), (SAMPLES - 1) * CHANNELS)
  return window
}

const joined = (windows: readonly Float32Array[]) => Float32Array.from(windows.flatMap((window) => [...window]))

const scored = (model: Uint8Array, windows: Float32Array) => runDetector(runModel, model, windows, [SAMPLES, CHANNELS])

async function judge({ model }: LearnedDetector, { normal, normalWindows, faults }: Test): Promise<object> {
  const { scores } = await scored(model, normalWindows)
  const faulty = await scored(model, joined(faults.map(({ window }) => window)))
  const found = Array.from(faulty.scores).filter((score) => score >= 1).length
  return {
    ...aucsOf(scores, faulty.scores, faults),
    eventsFound: rounded(found / faults.length),
    falseAlarmsPer1000Windows: rounded((1_000 * peaksOf(scores, 1, SAMPLES).length) / scores.length),
    ...(await plantedNamed(model, normal)),
  }
}

function aucsOf(normal: Float32Array, faulty: Float32Array, faults: readonly Fault[]): object {
  const rare = faulty.filter((_, at) => faults[at]?.class !== FREQUENT)
  const auc = aucOf(normal, rare)
  return {
    auc: rounded(aucOf(normal, faulty)),
    aucWithoutClass4: rounded(auc),
    errorWithoutClass4: rounded(aucError(auc, rare.length, normal.length)),
  }
}

/** The standard error of an AUC [Hanley and McNeil 1982]. */
function aucError(auc: number, faulty: number, normal: number): number {
  const square = auc * auc
  const twoFaulty = auc / (2 - auc) - square
  const twoNormal = (2 * square) / (1 + auc) - square
  return Math.sqrt((auc * (1 - auc) + (faulty - 1) * twoFaulty + (normal - 1) * twoNormal) / (faulty * normal))
}

/** The place of the planted channel among the shares, on test rows. */
async function plantedNamed(model: Uint8Array, normal: TagRows): Promise<object> {
  const { scale } = scalingOf(normal, SAMPLES)
  const cases = plantFaults(normal, { samples: SAMPLES, scale, casesMax: CASES, chance: chanceOf(SEED) })
  const ranks: number[] = []
  for (const planted of cases) {
    const ends = windowEnds(planted.rows, SAMPLES)
    const { scores, shares } = await scored(model, windowValues(planted.rows, SAMPLES, ends))
    const worst = scores.indexOf(Math.max(...scores))
    ranks.push(rankOf(shares.subarray(worst * CHANNELS, (worst + 1) * CHANNELS), planted.tags))
  }
  const share = (most: number) => rounded(ranks.filter((rank) => rank <= most).length / ranks.length)
  return { plantedCases: ranks.length, plantedFirst: share(1), plantedInFirstThree: share(3) }
}

async function judgeReference(learned: TagRows, { normalWindows, faults }: Test): Promise<object> {
  const tests = [normalWindows, joined(faults.map(({ window }) => window))]
  const reference = await referenceScores({ learned, samples: SAMPLES, tests, seed: SEED })
  if (typeof reference === 'string') return { missing: reference }
  const figures = Object.entries(reference.scores).map(([kind, [normal, faulty]]) => [
    kind,
    normal && faulty ? aucsOf(normal, faulty, faults) : {},
  ])
  return { version: reference.version, ...Object.fromEntries(figures) }
}
