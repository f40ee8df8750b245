/**
 * Learn: compares candidates on the rows of a device. The rows are split by time: a candidate learns from the first part
 * and is judged on the last one. Scores that no candidate has learned from set the threshold.
 */
import type {
  DetectorKind,
  LearnedTag,
  LearningCandidate,
  LearningFinding,
  LearningTail,
} from '@skerry/contract/learning/learning'
import { autoEncoderHead } from './auto-encoder.ts'
import { changeHead } from './change.ts'
import { checkRows } from './check-rows.ts'
import { chooseCandidate } from './choose.ts'
import { leaveConstantOut } from './constant-tags.ts'
import { type DetectorHead, pcaHead, SCORE, SHARE, WINDOW, writeDetector } from './detector-model.ts'
import { peaksOf, thresholdOf } from './extremes.ts'
import { FAULT_KINDS, type PlantedCase, plantFaults } from './faults.ts'
import { forestHead } from './forest.ts'
import { type JointPart, jointHead, jointPartOf, unitsOf } from './joint.ts'
import { aucOf, rankOf } from './judge.ts'
import { chanceOf, medianOf, normalOf } from './numbers.ts'
import { fitPca, usualRowsOf } from './pca.ts'
import type { RunModel } from './run-model.ts'
import {
  FEATURES_OF_TAG,
  featuresOf,
  gapOf,
  joinRows,
  type Scaling,
  scalingOf,
  sliceRows,
  someEnds,
  type TagRows,
  type Units,
  windowEnds,
  windowValues,
} from './windows.ts'

export type Scored = { scores: Float32Array; shares: Float32Array }

export type LearnOrder = {
  everyMs: number
  samples: number
  falseAlarmDays: number
  accept: readonly string[]
  seed: number
  kinds?: readonly DetectorKind[]
  /** The part of the other machines, for a detector that they learn together. */
  others?: JointPart
}

export type LearnedDetector = {
  kind: DetectorKind
  model: Uint8Array<ArrayBuffer>
  tail: LearningTail
  /** The threshold rose by this factor for the marked rows. */
  raised: number
  /** Windows made by chance, for golden cases; `goldenCount` of them. */
  golden: Float32Array
  goldenCount: number
  /** Windows of the recording, for the reference profile. */
  windows: Float32Array
}

export type LearnOutcome = {
  candidates: LearningCandidate[]
  tags: LearnedTag[]
  findings: LearningFinding[]
  detector?: LearnedDetector
}

/** The share of rows that candidates learn from, and by whose scores the threshold is set. */
const LEARNED_SHARE = 0.75

/** Parts of these rows: each is scored by a candidate that has learned from the others. */
const PARTS = 4

const CASES = 160

export const GOLDEN_CASES = 8

/** A reference profile is good from about 1,000 rows on. */
const PROFILE_WINDOWS = 5_000

const DAY_MS = 86_400_000

const learnedRows = (rows: TagRows) => sliceRows(rows, 0, Math.floor(rows.rows * LEARNED_SHARE))

type Fitted = { scaling: Scaling; head: DetectorHead; model: Uint8Array<ArrayBuffer> }

type Learning = {
  rows: TagRows
  /** Rows of times that a person has marked as normal. */
  normal?: TagRows
  order: LearnOrder
  run: RunModel
  signal: AbortSignal
}

/** Learns the model of a candidate from these features. */
type FitHead = (
  features: Float64Array,
  width: number,
  it: { seed: number; run: RunModel; scaling: Scaling; others: JointPart | undefined },
) => Promise<DetectorHead>

const HEADS: Readonly<Record<DetectorKind, FitHead>> = {
  pca: async (features, width) => pcaHead(fitPca(features, width)),
  change: async (features, width, { scaling }) => changeHead(features, width, scaling),
  'auto-encoder': autoEncoderHead,
  forest: async (features, width, { seed }) => forestHead(features, width, seed),
  joint: async (features, width, { others }) => jointHead(usualRowsOf(features, width), others),
}

/** The candidates of a machine that learns by itself. */
const ALONE: readonly DetectorKind[] = ['pca', 'change', 'auto-encoder', 'forest']

/** The own one shows whether the other machines have helped. */
const TOGETHER: readonly DetectorKind[] = ['joint', 'pca']

/**
 * Findings that stand in the way give an outcome without a detector. A constant tag does not: the detector leaves it out,
 * and the outcome has the finding.
 */
export async function learnDetector(collected: Learning): Promise<LearnOutcome> {
  const { order, signal } = collected
  const { leftOut, ...moving } = leaveConstantOut(collected, order.accept)
  const it = { ...collected, ...moving }
  const { rows } = it
  const findings = checkRows(rows, order.samples, order.accept)
  if (findings.length > 0) return { candidates: [], tags: [], findings: [...findings, ...leftOut] }
  const learned = learnedRows(rows)
  const heldOut = sliceRows(rows, learned.rows, rows.rows)
  const scale = scalingOf(learned, order.samples).scale
  const cases = plantFaults(heldOut, { ...order, scale, casesMax: CASES, chance: chanceOf(order.seed) })
  const tried: Tried[] = []
  for (const kind of order.kinds ?? (order.others ? TOGETHER : ALONE)) {
    signal.throwIfAborted()
    tried.push(await tryCandidate(it, { kind, learned, heldOut, cases }))
  }
  const candidates = tried.map(({ candidate }) => candidate)
  const choice = order.others ? tried.filter(({ kind }) => kind === 'joint') : tried
  const { best, finding } = chooseCandidate(choice, order.accept)
  if (finding) return { candidates, tags: [], findings: [finding, ...leftOut] }
  return { candidates, findings: leftOut, ...(await finish(it, best, learned)) }
}

/** The part of this machine in a joint detector, or the findings that speak against it. */
export function learnPart(collected: Omit<Learning, 'run' | 'signal'>): {
  findings: LearningFinding[]
  part?: JointPart
} {
  const { rows, order } = collected
  const constant = leaveConstantOut(collected, order.accept).leftOut
  if (constant.length > 0) return { findings: constant.map(neededByAll) }
  const findings = checkRows(rows, order.samples, order.accept)
  if (findings.length > 0) return { findings }
  const { features, scaling } = featuresIn(collected, learnedRows(rows))
  return { findings, part: jointPartOf(usualRowsOf(features, rows.tags.length * FEATURES_OF_TAG), scaling) }
}

const neededByAll = ({ advice: _, ...finding }: LearningFinding): LearningFinding => ({
  ...finding,
  message: finding.message.replace(/; the detector.*/, '; a joint detector needs each tag on each machine'),
  advice: 'learn again while the tag moves, without this tag, or with --accept constant_tag',
})

type Trial = { kind: DetectorKind; learned: TagRows; heldOut: TagRows; cases: readonly PlantedCase[] }

type Tried = Trial & { candidate: LearningCandidate; fitted: Fitted; tail: LearningTail; raised: number }

/** Each candidate learns the marked rows too. No window spans them and the others. */
async function fit(it: Learning, kind: DetectorKind, collected: TagRows): Promise<Fitted> {
  const { order } = it
  const units = kind === 'joint' && order.others ? unitsOf(order.others) : undefined
  const { scaling, features } = featuresIn(it, collected, units)
  const head = await HEADS[kind](features, collected.tags.length * FEATURES_OF_TAG, {
    seed: order.seed,
    run: it.run,
    scaling,
    others: order.others,
  })
  return { scaling, head, model: modelOf({ scaling, head }, kind, collected.tags, 1) }
}

function featuresIn(
  { normal, order: { samples } }: Pick<Learning, 'normal' | 'order'>,
  collected: TagRows,
  units?: Units,
) {
  const rows = normal ? joinRows([normal, gapOf(collected.tags), collected]) : collected
  const scaling = scalingOf(rows, samples, units)
  return { scaling, features: featuresOf(scaling, windowValues(rows, samples, someEnds(rows, samples))) }
}

const modelOf = (
  { scaling, head }: Pick<Fitted, 'scaling' | 'head'>,
  kind: string,
  tags: readonly string[],
  threshold: number,
) => writeDetector({ scaling, head, threshold, tags, kind })

/** Runs a detector on windows of these samples and tags. */
export async function runDetector(
  run: RunModel,
  model: Uint8Array,
  windows: Float32Array,
  [samples, tags]: readonly [number, number],
): Promise<Scored> {
  const dims = [windows.length / (samples * tags), samples, tags]
  const outputs = await run(model, { [WINDOW]: { type: 'float32', data: windows, dims } })
  const { [SCORE]: scores, [SHARE]: shares } = outputs
  if (!scores || !shares) throw new Error('a detector answered without a score or shares')
  return { scores, shares }
}

/** Windows of one run of a model. */
const CHUNK = 4_096

/** The scores of all whole windows of these rows. */
async function scoresOf({ run, order, signal }: Learning, model: Uint8Array, rows: TagRows): Promise<Scored> {
  const ends = windowEnds(rows, order.samples)
  const width = rows.tags.length
  const scores = new Float32Array(ends.length)
  const shares = new Float32Array(ends.length * width)
  for (let at = 0; at < ends.length; at += CHUNK) {
    signal.throwIfAborted()
    const some = ends.slice(at, at + CHUNK)
    const part = await runDetector(run, model, windowValues(rows, order.samples, some), [order.samples, width])
    scores.set(part.scores, at)
    shares.set(part.shares, at * width)
  }
  return { scores, shares }
}

async function tryCandidate(it: Learning, trial: Trial): Promise<Tried> {
  const { order } = it
  const { kind, learned, heldOut } = trial
  const unseen = await unseenScores(it, kind, learned)
  const windowsPerAlarm = (order.falseAlarmDays * DAY_MS) / order.everyMs
  const unseenTail = thresholdOf(unseen, order.samples, windowsPerAlarm)
  const fitted = await fit(it, kind, learned)
  const held = await scoresOf(it, fitted.model, heldOut)
  const { tail, raised } = await raisedBy(it, fitted, aboveAll(unseenTail, held.scores))
  const judged = await judge(it, fitted.model, trial, tail.threshold)
  const candidate: LearningCandidate = {
    kind,
    ...judged,
    falseAlarms: peaksOf(held.scores, unseenTail.threshold, order.samples).length,
    heldOutRows: held.scores.length,
    stability: stabilityOf(held.scores, unseen),
    bytes: fitted.model.byteLength,
  }
  return { ...trial, candidate, fitted, tail, raised }
}

/** A threshold that normal rows exceed breaks the promise: the rows are of a much shorter time than the wished interval. */
function aboveAll(tail: LearningTail, scores: Float32Array): LearningTail {
  const most = scores.reduce((a, b) => Math.max(a, b), 0)
  return { ...tail, threshold: Math.max(tail.threshold, most * HELD_MARGIN) }
}

/** As for the scores that set the threshold. */
const HELD_MARGIN = 1.05

/** A person has decided that these rows are no alarm. The candidates are judged by the higher threshold. */
async function raisedBy(it: Learning, { model }: Fitted, tail: LearningTail) {
  if (!it.normal) return { tail, raised: 1 }
  const { scores } = await scoresOf(it, model, it.normal)
  const most = scores.reduce((a, b) => Math.max(a, b), 0)
  const threshold = Math.max(tail.threshold, most * NORMAL_MARGIN)
  return { tail: { ...tail, threshold }, raised: threshold / tail.threshold }
}

/** A time like the marked one has other noise. */
const NORMAL_MARGIN = 1.1

/** 1 without whole windows to compare: JSON has no NaN. */
function stabilityOf(held: Float32Array, unseen: Float32Array): number {
  const ratio = medianOf(held) / Math.max(1e-9, medianOf(unseen))
  return Number.isFinite(ratio) ? ratio : 1
}

/** Scores of each part by a candidate that has not learned from it. */
async function unseenScores(it: Learning, kind: DetectorKind, learned: TagRows): Promise<Float32Array> {
  let scores: number[] = []
  for (let part = 0; part < PARTS; part += 1) {
    it.signal.throwIfAborted()
    const from = Math.floor((part * learned.rows) / PARTS)
    const to = Math.floor(((part + 1) * learned.rows) / PARTS)
    const others = joinRows([sliceRows(learned, 0, from), sliceRows(learned, to, learned.rows)])
    const { model } = await fit(it, kind, others)
    const { scores: here } = await scoresOf(it, model, sliceRows(learned, from, to))
    scores = scores.concat(Array.from(here))
  }
  return Float32Array.from(scores)
}

type Judged = Pick<LearningCandidate, 'auc' | 'detected' | 'named' | 'namedFirst'>

async function judge(it: Learning, model: Uint8Array, { cases }: Trial, threshold: number): Promise<Judged> {
  if (cases.length === 0) return { auc: 0, detected: {}, named: 0, namedFirst: 0 }
  const clean = await worstOf(
    it,
    model,
    cases.map((planted) => planted.clean),
  )
  const worst = await worstOf(
    it,
    model,
    cases.map(({ rows }) => rows),
  )
  const faulty = cases.map(({ kind, tags }, at) => {
    const { score = 0, shares = new Float32Array(0) } = worst[at] ?? {}
    return { kind, score, rank: rankOf(shares, tags) }
  })
  const detected = FAULT_KINDS.flatMap((kind) => {
    const all = faulty.filter((one) => one.kind === kind)
    return all.length === 0 ? [] : [[kind, all.filter(({ score }) => score > threshold).length / all.length] as const]
  })
  return {
    auc: aucOf(
      clean.map(({ score }) => score),
      faulty.map(({ score }) => score),
    ),
    detected: Object.fromEntries(detected),
    named: faulty.filter(({ rank }) => rank <= 3).length / faulty.length,
    namedFirst: faulty.filter(({ rank }) => rank === 1).length / faulty.length,
  }
}

type Worst = { score: number; shares: Float32Array }

/** The largest score of each segment, with its shares, by one run of the model. */
async function worstOf(it: Learning, model: Uint8Array, segments: readonly TagRows[]): Promise<Worst[]> {
  const width = segments[0]?.tags.length ?? 1
  const { samples } = it.order
  const windows = segments.map((rows) => windowValues(rows, samples, windowEnds(rows, samples)))
  const of = windows.map((values) => values.length / (samples * width))
  const count = of.reduce((a, b) => a + b, 0)
  const all = new Float32Array(count * samples * width)
  let filled = 0
  for (const values of windows) {
    all.set(values, filled)
    filled += values.length
  }
  const { scores, shares } = await runDetector(it.run, model, all, [samples, width])
  let first = 0
  return of.map((windowsHere) => {
    let most = first
    for (let at = first; at < first + windowsHere; at += 1) if ((scores[at] ?? 0) > (scores[most] ?? 0)) most = at
    first += windowsHere
    return { score: scores[most] ?? 0, shares: shares.subarray(most * width, (most + 1) * width) }
  })
}

async function finish(it: Learning, { kind, fitted, tail, raised }: Tried, learned: TagRows) {
  const { rows, order } = it
  const model = modelOf(fitted, kind, rows.tags, tail.threshold)
  const windows = windowValues(rows, order.samples, someEnds(rows, order.samples, PROFILE_WINDOWS))
  const { shares } = await scoresOf(it, model, learned)
  const { center, scale } = fitted.scaling
  const count = shares.length / rows.tags.length
  const tags = rows.tags.map((tag, at): LearnedTag => {
    let sum = 0
    for (let row = 0; row < count; row += 1) sum += shares[row * rows.tags.length + at] ?? 0
    return { tag, median: center[at] ?? 0, spread: scale[at] ?? 0, usualShare: Math.min(1, sum / Math.max(1, count)) }
  })
  const golden = goldenWindows(fitted.scaling, order.seed)
  return { tags, detector: { kind, model, tail, raised, golden, goldenCount: GOLDEN_CASES, windows } }
}

/** Random walks about the usual level: the shape of rows, and none of the recorded ones. */
export function goldenWindows({ samples, tags, center, scale }: Scaling, seed: number): Float32Array {
  const chance = chanceOf(seed + 1)
  const windows = new Float32Array(GOLDEN_CASES * samples * tags)
  for (let window = 0; window < GOLDEN_CASES; window += 1)
    for (let tag = 0; tag < tags; tag += 1) {
      let level = normalOf(chance)
      for (let sample = 0; sample < samples; sample += 1) {
        level += 0.2 * normalOf(chance)
        windows[(window * samples + sample) * tags + tag] = (center[tag] ?? 0) + level * (scale[tag] ?? 1)
      }
    }
  return windows
}
