/**
 * Load meter: the load of a slot between two looks. Levels are integrated over time, so that a short burst between two
 * looks counts as much as it lasted.
 */
import type { LoadSample } from '@skerry/core/scaling/load-window'

/** The present numbers of a slot. */
export type Levels = { concurrency: number; busy: number; queue: number }

export type LoadMeter = {
  /** The levels are about to change, or have just changed. */
  note(levels: Levels, nowUs: number): void
  arrived(): void
  answered(us: number): void
  /** The means since the last call. */
  take(nowUs: number, atMs: number): LoadSample
}

/** Durations between two looks. A fast model answers more; then the first ones stand for all. */
const DURATIONS_MAX = 512

const P95 = 0.95
const SECOND_US = 1_000_000

export function createLoadMeter(startUs: number): LoadMeter {
  let levels: Levels = { concurrency: 0, busy: 0, queue: 0 }
  let sums: Levels = { concurrency: 0, busy: 0, queue: 0 }
  let notedUs = startUs
  let takenUs = startUs
  let arrivals = 0
  let durations: number[] = []
  const integrate = (nowUs: number) => {
    const us = Math.max(0, nowUs - notedUs)
    sums = {
      concurrency: sums.concurrency + levels.concurrency * us,
      busy: sums.busy + levels.busy * us,
      queue: sums.queue + levels.queue * us,
    }
    notedUs = nowUs
  }
  return {
    note(next, nowUs) {
      integrate(nowUs)
      levels = next
    },
    arrived: () => void arrivals++,
    answered: (us) => void (durations.length < DURATIONS_MAX && durations.push(us)),
    take(nowUs, atMs) {
      integrate(nowUs)
      const us = nowUs - takenUs
      const mean = (sum: number, level: number) => (us > 0 && sum > 0 ? sum / us : level)
      const p95 = quantile(durations)
      const sample = {
        atMs,
        concurrency: mean(sums.concurrency, levels.concurrency),
        busy: mean(sums.busy, levels.busy),
        queue: mean(sums.queue, levels.queue),
        rps: us > 0 ? (arrivals * SECOND_US) / us : 0,
        ...(p95 !== undefined && { p95Ms: p95 / 1_000 }),
      }
      sums = { concurrency: 0, busy: 0, queue: 0 }
      takenUs = nowUs
      arrivals = 0
      durations = []
      return sample
    },
  }
}

function quantile(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(P95 * sorted.length) - 1)]
}
