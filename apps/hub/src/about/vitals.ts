/** Vitals: what is known of the running process only while it runs. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '@skerry/platform/process/clock'

export type EventLoopDelay = { sinceMs: number; p50Ms: number; p99Ms: number; maxMs: number }

/** What the device link says of itself; all zero while there is none. */
export type LinkLoad = { connections: number; reportIntervalMs: number; reportsWaiting: number }

export type Vitals = Disposable & {
  readonly startedAtMs: number
  /** The hub's own folder. */
  readonly folder: string
  readonly floorBytes: number
  /** The link puts itself here when it opens. */
  linkLoad: () => LinkLoad
  eventLoopDelay(): EventLoopDelay
}

/** Whoever asks again within this time is told of the same while: a look must not hide what the look before saw. */
const WINDOW_MS = 60_000

const NANOSECONDS = 1_000_000

/** How often it is looked whether the loop is late. */
const RESOLUTION_MS = 20

type VitalsOptions = Pick<Vitals, 'folder' | 'floorBytes'> & { clock: Pick<Clock, 'nowMs'> }

/** Begins to measure. */
export function openVitals({ clock, ...places }: VitalsOptions): Vitals {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  let sinceMs = clock.nowMs()
  // What Node measures is the time between two looks, not by how much the second was late.
  const inMs = (value: number) => (value > 0 ? Math.max(0, value / NANOSECONDS - RESOLUTION_MS) : 0)
  return {
    ...places,
    startedAtMs: sinceMs,
    linkLoad: () => ({ connections: 0, reportIntervalMs: 0, reportsWaiting: 0 }),
    eventLoopDelay() {
      const delay = {
        sinceMs,
        p50Ms: inMs(histogram.percentile(50)),
        p99Ms: inMs(histogram.percentile(99)),
        maxMs: inMs(histogram.max),
      }
      if (clock.nowMs() - sinceMs >= WINDOW_MS) {
        histogram.reset()
        sinceMs = clock.nowMs()
      }
      return delay
    },
    [Symbol.dispose]: () => histogram.disable(),
  }
}
