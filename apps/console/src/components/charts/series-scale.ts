/** Series scale: what a chart over time is drawn from: which points hang together, where nothing came, and where the marks of its axes stand. */

/** What came from `atMs` on: of many values their bounds and mean, of one value the same three times. Without numbers where there were none. */
export type SeriesPoint = {
  atMs: number
  count: number
  bad: number
  min?: number | undefined
  mean?: number | undefined
  max?: number | undefined
}

export type Drawn = { atMs: number; min: number; mean: number; max: number }
export type Between = { fromMs: number; toMs: number }

/** A pause that is so many times the usual one is a gap: less is what a busy device, or a report by exception, does every day. */
const GAP_TIMES = 3

/** How long nothing may have come before a chart says so. `partMs`: how long each point stands for. */
export function gapOf(points: readonly SeriesPoint[], partMs: number): number {
  const distances = points.slice(1).map(({ atMs }, index) => atMs - (points[index]?.atMs ?? atMs))
  const median = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? partMs
  return GAP_TIMES * Math.max(partMs, median)
}

/** The lines of a chart: each ends where a gap begins, and where a point has no number. */
export function runsOf(points: readonly SeriesPoint[], gapMs: number): Drawn[][] {
  const runs: Drawn[][] = []
  let lastMs = Number.NEGATIVE_INFINITY
  for (const { atMs, min, mean, max } of points) {
    if (min === undefined || mean === undefined || max === undefined) {
      lastMs = Number.NEGATIVE_INFINITY
      continue
    }
    const drawn = { atMs, min, mean, max }
    if (atMs - lastMs > gapMs) runs.push([drawn])
    else runs.at(-1)?.push(drawn)
    lastMs = atMs
  }
  return runs
}

/** Where nothing came, between the points and before and after them. */
export function gapsOf(points: readonly SeriesPoint[], { fromMs, toMs }: Between, gapMs: number, partMs: number) {
  const gaps: Between[] = []
  let heardToMs = fromMs
  for (const { atMs } of [...points, { atMs: toMs }]) {
    if (atMs - heardToMs > gapMs - partMs) gaps.push({ fromMs: heardToMs, toMs: atMs })
    heardToMs = Math.max(heardToMs, atMs + partMs)
  }
  return gaps
}

/** The least and the greatest number; undefined where there are none. */
export function rangeOf(points: readonly SeriesPoint[]): { low: number; high: number } | undefined {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { min, max } of points) {
    if (min !== undefined) low = Math.min(low, min)
    if (max !== undefined) high = Math.max(high, max)
  }
  return low > high ? undefined : { low, high }
}

/** From where to where a chart goes: what never changes stands in its middle. */
export function boundsOf(points: readonly SeriesPoint[]): { low: number; high: number } | undefined {
  const range = rangeOf(points)
  if (!range || range.low < range.high) return range
  const pad = Math.abs(range.low) / 2 || 1
  return { low: range.low - pad, high: range.high + pad }
}

/** Round numbers from `low` to `high`, about so many. */
export function numberTicks(low: number, high: number, about: number): number[] {
  const step = roundStep((high - low) / about)
  // What is too near to be told apart, or too large to be counted in, has no marks between.
  if (!Number.isFinite(step) || step <= 0 || low + step === low) return [low]
  const first = Math.ceil(low / step)
  const count = Math.floor(high / step) - first + 1
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  return power * ([1, 2, 5].find((times) => times * power >= step) ?? 10)
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
export const DAY_MS = 24 * HOUR

/** What clocks are divided into. */
const STEPS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * DAY_MS),
]

/** Round instants of the viewer's clock, at most so many. `offsetMs`: how far that clock is ahead of UTC. */
export function timeTicks({ fromMs, toMs }: Between, most: number, offsetMs: number) {
  const stepMs = STEPS.find((step) => (toMs - fromMs) / step <= most) ?? toMs - fromMs
  const first = Math.ceil((fromMs + offsetMs) / stepMs)
  const last = Math.floor((toMs + offsetMs) / stepMs)
  const count = Math.max(0, Math.min(last - first + 1, most + 1))
  return { stepMs, ticks: Array.from({ length: count }, (_, index) => (first + index) * stepMs - offsetMs) }
}
