/**
 * Sample window: the last rows of a signal, one after the other in memory, so that what is computed of them runs over plain arrays. Twice the room:
 * rows are added behind, and moved to the front only when the end is reached, once in as many rows as the window holds.
 */
import { QUALITY, type Quality, type Signal, type WindowContent, writeRow } from './signal.ts'

export type SampleWindow = {
  readonly count: number
  /** Adds a row; where it is full, the oldest is gone. Whether that happened. */
  push(signal: Signal): boolean
  /** Takes out what is of this time or older. */
  dropUntil(timeMs: number): void
  clear(): void
  worst(): Quality
  /** Good until the next change. */
  content(): WindowContent
}

/** Empty. */
export function createSampleWindow({ samples, columns }: { samples: number; columns: number }): SampleWindow {
  const room = samples * 2
  const values = new Float64Array(room * columns)
  const timesMs = new Float64Array(room)
  const qualities = new Uint8Array(room)
  // How many rows of each quality are inside, so that nobody has to look through all of them.
  const counts = [0, 0, 0]
  let start = 0
  let end = 0
  const dropFirst = () => {
    count(counts, qualities[start] ?? 0, -1)
    start += 1
  }
  const moveToFront = () => {
    values.copyWithin(0, start * columns, end * columns)
    timesMs.copyWithin(0, start, end)
    qualities.copyWithin(0, start, end)
    end -= start
    start = 0
  }
  return {
    get count() {
      return end - start
    },
    push(signal) {
      const isFull = end - start === samples
      if (isFull) dropFirst()
      if (end === room) moveToFront()
      if (signal.quality === QUALITY.bad) values.fill(Number.NaN, end * columns, (end + 1) * columns)
      else writeRow(signal, values, end * columns)
      timesMs[end] = signal.timeMs
      qualities[end] = signal.quality
      count(counts, signal.quality, 1)
      end += 1
      return isFull
    },
    dropUntil(timeMs) {
      while (start < end && (timesMs[start] ?? 0) <= timeMs) dropFirst()
    },
    clear() {
      start = end = 0
      counts.fill(0)
    },
    worst: () => ((counts[2] ?? 0) > 0 ? QUALITY.bad : (counts[1] ?? 0) > 0 ? QUALITY.uncertain : QUALITY.good),
    content: () => ({
      rows: end - start,
      columns,
      values: values.subarray(start * columns, end * columns),
      timesMs: timesMs.subarray(start, end),
    }),
  }
}

function count(counts: number[], quality: number, by: 1 | -1): void {
  counts[quality] = (counts[quality] ?? 0) + by
}
