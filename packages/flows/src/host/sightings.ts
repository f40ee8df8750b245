/**
 * Sightings: the newest values of the parts of a flow, numbered, kept only while somebody looks. Who looks every second sees each value once and can tell
 * how many were left out. A flow that nobody looks at pays for one comparison in each instant.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import { LOOK_VALUES_MAX, SEEN_PER_PART_MAX, type SeenValue } from '@skerry/contract/flows/flow-look'

/** Whoever has not looked for so long has gone. */
const LEFT_MS = 10_000

/** A look that was missed is made good by the next. */
const RECENT_MS = 3_000

type Seen = { value: SeenValue; atMs: number }
type Kept = { last: number; seen: Seen[] }

export type Sightings = {
  /** Whether values are kept. */
  readonly isOpen: boolean
  /** By the place of the part: inputs, steps, sinks. */
  see(place: number, value: SeenValue): void
  /** Somebody looks: values are kept from now on. */
  open(): void
  /** Ends it, where nobody has looked for long. */
  closeIfLeft(): void
  /** Of one part. */
  recent(place: number): { last: number; recent: SeenValue[] }
  /** The value is the newest already. */
  hasSeen(place: number, timeMs: number): boolean
}

/** Nothing has been seen, and nobody looks. */
export function createSightings({ inputs, steps, sinks }: Flow, monotonicMs: () => number): Sightings {
  const parts = inputs.length + steps.length + sinks.length
  const keptMax = Math.max(1, Math.min(SEEN_PER_PART_MAX, Math.floor(LOOK_VALUES_MAX / parts)))
  const kept = Array.from({ length: parts }, (): Kept => ({ last: 0, seen: [] }))
  let isOpen = false
  let lookedMs = 0
  return {
    get isOpen() {
      return isOpen
    },
    see(place, value) {
      const of = kept[place]
      if (!of) return
      of.last += 1
      of.seen.push({ value, atMs: monotonicMs() })
      if (of.seen.length > keptMax) of.seen.shift()
    },
    open() {
      isOpen = true
      lookedMs = monotonicMs()
    },
    closeIfLeft() {
      if (monotonicMs() - lookedMs > LEFT_MS) isOpen = false
    },
    recent(place) {
      const { last, seen } = kept[place] ?? { last: 0, seen: [] }
      const sinceMs = monotonicMs() - RECENT_MS
      const recent = seen.filter(({ atMs }, index) => atMs >= sinceMs || index === seen.length - 1)
      return { last, recent: recent.map(({ value }) => value) }
    },
    hasSeen: (place, timeMs) => kept[place]?.seen.at(-1)?.value.timeMs === timeMs,
  }
}
