/** Trend: the values of tags over the last minutes, gathered from the answers that the page got. */
import type { HeardValues } from './live-rows.ts'

/** Long enough to see a trend, and short enough for one answer a second. */
export const TREND_MS = 5 * 60_000

/** One point a second, and some more for tags that report more often. */
const POINTS_MAX = 600

/** Undefined for a bad value: the line has a gap there. */
export type TrendPoint = { atMs: number; value: number | undefined }
export type Trends = ReadonlyMap<string, readonly TrendPoint[]>

/** The trends after an answer. A value that the page has already seen adds no point. */
export function trendsAfter(before: Trends, known: ReadonlyMap<string, HeardValues>, nowMs: number): Trends {
  const after = new Map<string, readonly TrendPoint[]>()
  for (const [tag, heard] of known) {
    const points = before.get(tag) ?? []
    const point = pointOf(heard)
    const last = points.at(-1)
    const isNew = point !== undefined && (last === undefined || point.atMs > last.atMs)
    const all = isNew ? [...points, point] : points
    const kept = all.filter(({ atMs }) => atMs >= nowMs - TREND_MS).slice(-POINTS_MAX)
    if (kept.length > 0) after.set(tag, kept)
  }
  return after
}

/** A number, or a switch as 0 and 1. A text or a vector has no point. */
function pointOf({ reading: { value }, ageMs, heardAtMs }: HeardValues): TrendPoint | undefined {
  const atMs = heardAtMs - ageMs
  if (value.quality === 'bad') return { atMs, value: undefined }
  const content = value.value
  if (typeof content === 'boolean') return { atMs, value: Number(content) }
  return typeof content === 'number' ? { atMs, value: content } : undefined
}

type Bounds = { low: number; high: number }

/** The least and the greatest value; undefined if there is none. */
export function trendBounds(points: readonly TrendPoint[]): Bounds | undefined {
  const values = points.flatMap(({ value }) => value ?? [])
  if (values.length === 0) return undefined
  return { low: Math.min(...values), high: Math.max(...values) }
}

/** The lines of a trend in a box, oldest first: one for each run without a bad value. A constant one is in the middle. */
export function trendLines(
  points: readonly TrendPoint[],
  { width, height, nowMs }: { width: number; height: number; nowMs: number },
): string[] {
  const { low, high } = trendBounds(points) ?? { low: 0, high: 0 }
  const x = (atMs: number) => Math.max(0, width - ((nowMs - atMs) / TREND_MS) * width)
  const y = (value: number) => (high === low ? height / 2 : ((high - value) / (high - low)) * height)
  const runs: string[][] = [[]]
  for (const { atMs, value } of points) {
    if (value === undefined) runs.push([])
    else runs.at(-1)?.push(`${x(atMs).toFixed(1)},${y(value).toFixed(1)}`)
  }
  return runs.filter((run) => run.length > 0).map((run) => run.join(' '))
}

/** A vector of numbers, as the bars of its elements; undefined if the value is none. */
export function vectorOf(heard: HeardValues | undefined): number[] | undefined {
  const value = heard?.reading.value
  if (!value || value.quality === 'bad' || !Array.isArray(value.value)) return undefined
  const numbers = value.value.map(Number)
  return numbers.length > 0 && numbers.every(Number.isFinite) ? numbers : undefined
}
