/**
 * Reorder buffer: samples that wait until nothing older is to be expected, ordered by their time; those of one time as they came. Columns instead of
 * objects: nearly all samples come in order, and cost a few writes into arrays.
 */
import type { TagCause } from '@skerry/contract/sources/tag'
import type { Image } from '../equipment/image.ts'
import type { Quality } from './signal.ts'

export type BufferedSample = {
  input: number
  timeMs: number
  quality: Quality
  number: number
  other: string | Float64Array | Image | undefined
  cause: TagCause | undefined
  arrivedMs: number
}

export type ReorderBuffer = {
  readonly size: number
  /** Of the oldest; Infinity where there is none. */
  firstTimeMs(): number
  /** Of the oldest; -1 where there is none. */
  firstInput(): number
  push(sample: BufferedSample): void
  /** Writes the oldest into `into`, and takes it out. */
  shift(into: BufferedSample): void
}

/** Empty. */
export function createReorderBuffer(): ReorderBuffer {
  let slots: BufferedSample[] = []
  let start = 0
  let end = 0
  const slotAt = (place: number): BufferedSample => {
    const slot = slots[place] ?? newSample()
    slots[place] = slot
    return slot
  }
  return {
    get size() {
      return end - start
    },
    firstTimeMs: () => (start < end ? slotAt(start).timeMs : Number.POSITIVE_INFINITY),
    firstInput: () => (start < end ? slotAt(start).input : -1),
    push(sample) {
      const slot = slotAt(end)
      copy(sample, slot)
      let place = end
      // Only what came out of order moves, and seldom far.
      for (; place > start && slotAt(place - 1).timeMs > sample.timeMs; place -= 1) slots[place] = slotAt(place - 1)
      slots[place] = slot
      end += 1
    },
    shift(into) {
      const slot = slotAt(start)
      copy(slot, into)
      slot.other = undefined
      start += 1
      if (start < end) {
        // What was taken out stands in front: beyond a size, and more than what waits, it is used again.
        if (start > 1_024 && start > end - start) {
          slots = [...slots.slice(start, end), ...slots.slice(0, start)]
          end -= start
          start = 0
        }
        return
      }
      start = 0
      end = 0
    },
  }
}

/** Room for one. */
export const newSample = (): BufferedSample => ({
  input: 0,
  timeMs: 0,
  quality: 0,
  number: 0,
  other: undefined,
  cause: undefined,
  arrivedMs: 0,
})

function copy(from: BufferedSample, to: BufferedSample): void {
  to.input = from.input
  to.timeMs = from.timeMs
  to.quality = from.quality
  to.number = from.number
  to.other = from.other
  to.cause = from.cause
  to.arrivedMs = from.arrivedMs
}
