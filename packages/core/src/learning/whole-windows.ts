/**
 * Whole windows: the windows of rows that no gap in time breaks. A device that was restarted some times during a short
 * learning has all its rows, and too few whole windows to learn from.
 */
import { LEARNED_ROWS_MAX, wholeWindowsMin } from '@skerry/contract/learning/learning'

/** Rows further apart than this many steps are not one window. */
export const GAP_STEPS = 2.5

/** A source that goes away again and again must not keep a learning for ever. */
const MORE_ROWS_FACTOR = 2

export type WholeWindows = {
  /** The time of the next row. */
  add(timeMs: number): void
  count(): number
  /** Why the device needs more rows than the wanted ones; undefined if it does not. */
  lack(rows: number): string | undefined
}

export function createWholeWindows(
  { everyMs, samples }: { everyMs: number; samples: number },
  wanted: number,
): WholeWindows {
  const least = wholeWindowsMin(samples)
  // A person who has asked for fewer rows learns that soon, and not after twice the time.
  const isEnoughWithoutGaps = wanted - samples + 1 >= least
  const rowsMost = Math.min(LEARNED_ROWS_MAX, MORE_ROWS_FACTOR * wanted)
  let last: number | undefined
  let inRow = 0
  let windows = 0
  return {
    add(timeMs) {
      inRow = last !== undefined && Math.abs(timeMs - last) > GAP_STEPS * everyMs ? 1 : inRow + 1
      last = timeMs
      if (inRow >= samples) windows += 1
    },
    count: () => windows,
    lack(rows) {
      if (rows < wanted || !isEnoughWithoutGaps || windows >= least || rows >= rowsMost) return undefined
      return `there were gaps between the rows, so the device takes more of them: it has ${windows} of ${least} whole windows`
    },
  }
}
