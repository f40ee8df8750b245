/**
 * Calibration: how often a model is right at each confidence, from labelled rows. With it, counts of confidences give an
 * estimate of the accuracy without labels [NannyML, confidence-based performance estimation]. It assumes that inputs
 * move, and that the same input still means the same.
 */
import type { Calibration, ScoreCounts } from '@skerry/contract/monitors/profile'
import { SCORE_BINS, SCORE_CLASSES_MAX } from '@skerry/contract/monitors/profile'

/** One labelled row. */
export type JudgedScore = { predicted: string; confidence: number; isRight: boolean }

/** Increasing scores, and the share of right answers at each, which never falls. */
export type Curve = { scores: number[]; shares: number[] }

type Block = { first: number; last: number; weight: number; sum: number }

/**
 * The isotonic regression of being right on the confidence, by pooling adjacent violators. Rows of the same confidence
 * are one point, as scikit-learn has it.
 */
export function isotonicOf(rows: readonly Pick<JudgedScore, 'confidence' | 'isRight'>[]): Curve {
  const points = new Map<number, { weight: number; sum: number }>()
  for (const { confidence, isRight } of rows) {
    const point = points.get(confidence) ?? { weight: 0, sum: 0 }
    points.set(confidence, { weight: point.weight + 1, sum: point.sum + (isRight ? 1 : 0) })
  }
  const sorted = [...points].toSorted(([a], [b]) => a - b)
  const blocks: Block[] = []
  for (const [at, [, { weight, sum }]] of sorted.entries()) {
    let block: Block = { first: at, last: at, weight, sum }
    for (let before = blocks.at(-1); before && before.sum / before.weight >= block.sum / block.weight; ) {
      blocks.pop()
      block = { ...block, first: before.first, weight: before.weight + block.weight, sum: before.sum + block.sum }
      before = blocks.at(-1)
    }
    blocks.push(block)
  }
  return {
    scores: sorted.map(([score]) => score),
    shares: blocks.flatMap(({ first, last, weight, sum }) =>
      Array.from({ length: last - first + 1 }, () => sum / weight),
    ),
  }
}

/** Between two scores the share goes straight from one to the other; outside it stays. */
export function shareAt({ scores, shares }: Curve, score: number): number {
  const after = scores.findIndex((one) => one >= score)
  if (after === -1) return shares.at(-1) ?? 0
  const [low, high] = [scores[after - 1], scores[after] ?? 0]
  const [lowShare, highShare] = [shares[after - 1] ?? 0, shares[after] ?? 0]
  if (low === undefined) return highShare
  return lowShare + ((highShare - lowShare) * (score - low)) / (high - low)
}

/**
 * Bins are equally wide on the scale of log odds: confident models give most answers above 0.98, and equal parts of the
 * confidence would put them all together. The range is that of 0.02 to 0.999994.
 */
const ODDS_LOW = -4
const ODDS_HIGH = 12
const ODDS_STEP = (ODDS_HIGH - ODDS_LOW) / SCORE_BINS

/** The bin of a confidence from 0 to 1. */
export function scoreBin(confidence: number): number {
  const odds = Math.log(confidence / (1 - confidence))
  const bin = Math.floor((odds - ODDS_LOW) / ODDS_STEP)
  // A confidence of 1, or just above it, has no odds.
  if (confidence >= 1) return SCORE_BINS - 1
  return confidence <= 0 ? 0 : Math.min(SCORE_BINS - 1, Math.max(0, bin))
}

/** The confidence in the middle of a bin. */
const middleOf = (bin: number): number => 1 / (1 + Math.exp(-(ODDS_LOW + (bin + 0.5) * ODDS_STEP)))

/** A curve of fewer rows would follow single answers. */
const CLASS_ROWS_MIN = 50

/** The classes with the most rows have a curve of their own; all others share one. */
export function calibrationOf(rows: readonly JudgedScore[], output: string | undefined): Calibration {
  const byClass = [...Map.groupBy(rows, ({ predicted }) => predicted)]
    .filter(([, of]) => of.length >= CLASS_ROWS_MIN)
    .toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .slice(0, SCORE_CLASSES_MAX)
  return {
    ...(output !== undefined && { output }),
    rows: rows.length,
    accuracy: rows.filter(({ isRight }) => isRight).length / Math.max(1, rows.length),
    classes: byClass.map(([name, of]) => ({ class: name, rows: of.length, right: sharesOf(of) })),
    rest: sharesOf(rows),
  }
}

/** At the middle of each bin. */
function sharesOf(rows: readonly JudgedScore[]): number[] {
  const curve = isotonicOf(rows)
  return Array.from({ length: SCORE_BINS }, (_, bin) => shareAt(curve, middleOf(bin)))
}

/** Counts nothing yet. */
export const noScores = (classes: number): ScoreCounts => ({
  classes: Array.from({ length: classes }, () => new Array<number>(SCORE_BINS).fill(0)),
  rest: new Array<number>(SCORE_BINS).fill(0),
})

/** The counts of both; they must be of the same calibration. */
export const mergeScores = (a: ScoreCounts, b: ScoreCounts): ScoreCounts => ({
  classes: a.classes.map((counts, at) => addCounts(counts, b.classes[at])),
  rest: addCounts(a.rest, b.rest),
})

const addCounts = (a: readonly number[], b: readonly number[] = []) => a.map((count, at) => count + (b[at] ?? 0))

/** The expected share of right answers among the counted ones; undefined without any. */
export function estimateAccuracy(
  { classes, rest }: Calibration,
  counts: ScoreCounts,
): { rows: number; accuracy: number } | undefined {
  const parts = [...classes.map(({ right }, at) => expected(right, counts.classes[at])), expected(rest, counts.rest)]
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const right = parts.reduce((sum, part) => sum + part.right, 0)
  return rows === 0 ? undefined : { rows, accuracy: Math.min(1, right / rows) }
}

function expected(shares: readonly number[], counts: readonly number[] = []) {
  let rows = 0
  let right = 0
  for (const [bin, count] of counts.entries()) {
    rows += count
    right += count * (shares[bin] ?? 0)
  }
  return { rows, right }
}
