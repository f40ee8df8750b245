/**
 * Sequences: requests of one caller that must reach the same place, because the model there keeps a state between them.
 * A sequence begins with its first request, and ends when it is not used for a while or its place is lost.
 */
import type { DeviceId } from '@skerry/contract/values/ids'

/** In milliseconds. A state that nobody uses for this time is worth less than its memory on the device. */
const IDLE_MS = 600_000

/** Some 100 bytes each. The sequence that was not used for the longest time makes room. */
const SEQUENCES_MAX = 10_000

export type Sequences = {
  /** The place of the sequence; undefined if it begins. */
  placeOf(sequence: string): DeviceId | undefined
  /** The place has answered a request of the sequence. */
  keep(sequence: string, place: DeviceId): void
  drop(sequence: string): void
}

export function createSequences(nowMs: () => number): Sequences {
  // In the order of their last use.
  const known = new Map<string, { place: DeviceId; usedMs: number }>()
  const tidy = () => {
    for (const [sequence, { usedMs }] of known) {
      if (nowMs() - usedMs <= IDLE_MS && known.size <= SEQUENCES_MAX) return
      known.delete(sequence)
    }
  }
  return {
    placeOf(sequence) {
      tidy()
      return known.get(sequence)?.place
    },
    keep(sequence, place) {
      known.delete(sequence)
      known.set(sequence, { place, usedMs: nowMs() })
      tidy()
    },
    drop: (sequence) => void known.delete(sequence),
  }
}
