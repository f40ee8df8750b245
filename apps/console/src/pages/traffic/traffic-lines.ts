/** Traffic lines: the panels of a chart of traffic, and the pieces of their lines. */
import type { TrafficPoint } from '@skerry/contract/traffic/traffic'
import { requestRate } from '@skerry/core/traffic/points'

export type PanelName = 'rate' | 'errors' | 'latency'

/** `isSecond`: drawn with dashes. */
export type PanelLine = { amountOf: (point: TrafficPoint) => number | undefined; isSecond?: true }

export type Panel = { name: PanelName; lines: readonly PanelLine[]; high: number }

/** A chart of shares never magnifies less than this: single errors of thousands look as small as they are. */
const ERRORS_HIGH_MIN = 0.01

/** Each begins at zero, so that heights can be compared. */
export function panelsOf(points: readonly TrafficPoint[], nowMs: number): Panel[] {
  const rate: PanelLine = { amountOf: (point) => requestRate(point, nowMs) }
  const errors: PanelLine = { amountOf: errorShare }
  const p95: PanelLine = { amountOf: ({ p95Us }) => p95Us }
  const p50: PanelLine = { amountOf: ({ p50Us }) => p50Us, isSecond: true }
  const highest = (line: PanelLine) => points.reduce((most, point) => Math.max(most, line.amountOf(point) ?? 0), 0)
  return [
    { name: 'rate', lines: [rate], high: highest(rate) || 1 },
    { name: 'errors', lines: [errors], high: Math.max(ERRORS_HIGH_MIN, highest(errors)) },
    { name: 'latency', lines: [p95, p50], high: highest(p95) || 1 },
  ]
}

/** Undefined without requests: an idle model has no share of errors. */
export const errorShare = ({ requests, failures }: TrafficPoint): number | undefined =>
  requests === 0 ? undefined : failures / requests

export type LinePiece = { atMs: number; value: number }[]

/** A line ends before a time without a report, and at a point without a value. */
export function piecesOfLine(points: readonly TrafficPoint[], { amountOf }: PanelLine): LinePiece[] {
  const pieces: LinePiece[] = []
  let endMs: number | undefined
  for (const point of points) {
    const value = amountOf(point)
    if (value === undefined) {
      endMs = undefined
      continue
    }
    const drawn = { atMs: (point.startMs + point.endMs) / 2, value }
    if (point.startMs === endMs) pieces.at(-1)?.push(drawn)
    else pieces.push([drawn])
    endMs = point.endMs
  }
  return pieces
}

/** The times without a report, between the first point and the last. */
export const gapsBetween = (points: readonly TrafficPoint[]): { fromMs: number; toMs: number }[] =>
  points.flatMap(({ startMs }, at) => {
    const before = points[at - 1]
    return before && before.endMs < startMs ? [{ fromMs: before.endMs, toMs: startMs }] : []
  })
