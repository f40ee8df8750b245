/**
 * Extremes: the threshold that scores exceed as rarely as a person wishes. The peaks over a high level follow a
 * generalised Pareto distribution [Pickands 1975], and its tail is extended to the wished rate.
 */
import { meanOf, quantileOf } from './numbers.ts'

export type Tail = {
  /** The level over which scores count as peaks. */
  level: number
  /** Clusters of peaks: a run of windows over the level is one alarm. */
  peaks: number
  shape: number
  scale: number
  threshold: number
  /** How many times longer than the recording the wished interval is. */
  extrapolation: number
}

/** The share of scores that are no peaks. Fewer peaks fit badly, and more are no extremes. */
const LEVEL_SHARE = 0.9

/** Centre and width of the shapes that scores have, so that a few peaks give no wild tail [Martins and Stedinger 2000]. */
const SHAPE_USUAL = 0.1
const SHAPE_WIDTH = 0.2

/** The shape counts with one standard error more: a tail that is taken as too light breaks the promise. */
const SHAPE_MOST = 0.5

/** (1 + shape) / √n [Smith 1987], with the knowledge of usual shapes. */
const shapeError = (shape: number, peaks: number): number =>
  1 / Math.sqrt(peaks / (1 + shape) ** 2 + 1 / SHAPE_WIDTH ** 2)

/** A threshold is above each score of the recording by this factor. */
const MARGIN = 1.05

/**
 * `scores`: of normal windows, one after the other. `apart`: windows within this distance share rows, so they are one
 * alarm. `windowsPerAlarm`: at most one false alarm in so many windows.
 */
export function thresholdOf(scores: ArrayLike<number>, apart: number, windowsPerAlarm: number): Tail {
  const level = quantileOf(scores, LEVEL_SHARE)
  const peaks = peaksOf(scores, level, apart)
  const excesses = peaks.map((peak) => peak - level)
  const fitted = fitTail(excesses)
  const { scale } = fitted
  const shape = Math.min(SHAPE_MOST, fitted.shape + shapeError(fitted.shape, peaks.length))
  const expected = (peaks.length / Math.max(1, scores.length)) * windowsPerAlarm
  const beyond =
    Math.abs(shape) < 1e-6 ? scale * Math.log(expected) : (scale / shape) * (Math.max(1, expected) ** shape - 1)
  const seen = peaks.reduce((most, peak) => Math.max(most, peak), level)
  return {
    level,
    peaks: peaks.length,
    shape,
    scale,
    threshold: Math.max(level + beyond, seen * MARGIN, THRESHOLD_LEAST),
    extrapolation: windowsPerAlarm / Math.max(1, scores.length),
  }
}

/** The largest score of each run over the level. */
export function peaksOf(scores: ArrayLike<number>, level: number, apart: number): number[] {
  const peaks: number[] = []
  let last = Number.NEGATIVE_INFINITY
  for (let at = 0; at < scores.length; at += 1) {
    const score = scores[at] ?? 0
    if (score <= level) continue
    if (at - last >= apart) peaks.push(score)
    else peaks.push(Math.max(peaks.pop() ?? score, score))
    last = at
  }
  return peaks
}

/** Penalised maximum likelihood, on a grid of the one parameter that is left [Grimshaw 1993]. */
export function fitTail(excesses: readonly number[]): { shape: number; scale: number } {
  const positive = excesses.filter((excess) => excess > 0)
  if (positive.length === 0) return { shape: 0, scale: 1e-9 }
  const mean = meanOf(positive)
  const most = positive.reduce((a, b) => Math.max(a, b), 0)
  let best = { shape: 0, scale: mean }
  let likelihood = -positive.length * (Math.log(mean) + 1) - penaltyOf(0)
  for (let step = 1; step <= GRID; step += 1)
    for (const theta of [(10 * (step / GRID) ** 3) / mean, (-(1 - 1e-6) * (step / GRID)) / most]) {
      const shape = meanOf(positive.map((excess) => Math.log1p(theta * excess)))
      const scale = shape / theta
      if (!(scale > 0)) continue
      const here = -positive.length * (Math.log(scale) + shape + 1) - penaltyOf(shape)
      if (here <= likelihood) continue
      likelihood = here
      best = { shape, scale }
    }
  return best
}

const GRID = 400

/** A score is divided by the threshold: rows that never change have no other score than 0. */
const THRESHOLD_LEAST = 1e-6

const penaltyOf = (shape: number) => (shape - SHAPE_USUAL) ** 2 / (2 * SHAPE_WIDTH ** 2)
