/** Vitals: facts about the running process that are known only while it runs. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '@skerry/platform/process/clock'

export type EventLoopDelay = { sinceMs: number; p50Ms: number; p99Ms: number; maxMs: number }

/** The load of the device link, as the link reports it. All numbers are zero while there is no link. */
export type LinkLoad = { connections: number; reportIntervalMs: number; reportsWaiting: number }

export type Vitals = Disposable & {
  readonly startedAtMs: number
  /** The data folder of the hub. */
  readonly folder: string
  readonly floorBytes: number
  /** The link sets this function when it opens. */
  linkLoad: () => LinkLoad
  eventLoopDelay(): EventLoopDelay
}

/** Calls within this time return the cached value, so that two readers see the same peak. */
const WINDOW_MS = 60_000

const NANOSECONDS = 1_000_000

/** Resolution of the timer that measures the delay of the event loop. */
const RESOLUTION_MS = 20

type VitalsOptions = Pick<Vitals, 'folder' | 'floorBytes'> & { clock: Pick<Clock, 'nowMs'> }

export function openVitals({ clock, ...places }: VitalsOptions): Vitals {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  let sinceMs = clock.nowMs()
  // Node measures the time between two ticks of the timer. The delay is that time minus the timer's resolution.
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
