/** Figure history: the figures of an app since the page was opened. The hub stores only the newest ones. */
import type { Figures } from '@skerry/contract/devices/item'
import type { SeriesPoint } from '../../../components/charts/series-scale.ts'

/** An hour of reports every ten seconds. */
const POINTS_MAX = 360

export type FigureHistory = { memory: readonly SeriesPoint[]; processor: readonly SeriesPoint[] }

export const NO_HISTORY: FigureHistory = { memory: [], processor: [] }

/** The history with one more report. A figure that is absent adds no point. */
export function withFigures(history: FigureHistory, figures: Figures, atMs: number): FigureHistory {
  const { memoryBytes, cpuPercent } = figures
  return {
    memory: withPoint(history.memory, atMs, typeof memoryBytes === 'number' ? memoryBytes / 1024 ** 2 : undefined),
    processor: withPoint(history.processor, atMs, typeof cpuPercent === 'number' ? cpuPercent : undefined),
  }
}

function withPoint(points: readonly SeriesPoint[], atMs: number, value: number | undefined): readonly SeriesPoint[] {
  // The page renders more often than the device reports.
  if (value === undefined || atMs <= (points.at(-1)?.atMs ?? 0)) return points
  const point = { atMs, count: 1, bad: 0, min: value, mean: value, max: value }
  return [...points.slice(1 - POINTS_MAX), point]
}
