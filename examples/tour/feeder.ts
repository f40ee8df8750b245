/**
 * Feeder: sends a place's readings to the place's own agent, over the Open Inference Protocol, and counts the answers.
 */
import { setInterval } from 'node:timers/promises'
import { infer } from '@skerry/client/inference'
import { problemOf } from '@skerry/client/problem'
import type { Place } from './places.ts'
import { WINDOW_SHAPE, windowsOf } from './readings.ts'

/**
 * 40 readings a second: enough to see traffic move from one version to the next, and little work for a small machine.
 */
const READING_INTERVAL_MS = 25

/** p50 is over the last ten seconds or so. */
const LATENCIES_KEPT = 400

export type Feeder = {
  place: Place
  /** The version of the last answer; absent before the first one. */
  version?: number
  readings: number
  alarms: number
  /** How many readings each version has scored. */
  readingsBy: Map<number, number>
  /** Requests without an answer, once there had been one. */
  failures: string[]
  latenciesMs: number[]
}

export type FeederOptions = { url: string; model: string; thresholds: ReadonlyMap<number, number> }

export const newFeeder = (place: Place): Feeder => ({
  place,
  readings: 0,
  alarms: 0,
  readingsBy: new Map(),
  failures: [],
  latenciesMs: [],
})

/** Feeds until the signal fires. */
export async function feed(feeder: Feeder, { url, model, thresholds }: FeederOptions, signal: AbortSignal) {
  const windows = windowsOf(feeder.place.motes)
  for await (const _ of setInterval(READING_INTERVAL_MS)) {
    if (signal.aborted) return
    const { value: data } = await windows.next()
    const startMs = performance.now()
    try {
      const input = { name: 'window', datatype: 'FP32' as const, shape: WINDOW_SHAPE, data }
      const reply = await infer({ url, model }, [input], signal)
      note(feeder, Number(reply.model_version), Number(reply.outputs[0]?.data[0]), thresholds)
      feeder.latenciesMs = [...feeder.latenciesMs, performance.now() - startMs].slice(-LATENCIES_KEPT)
    } catch (error) {
      // Before the first version has arrived no model answers.
      if (!signal.aborted && feeder.readings > 0) feeder.failures.push(problemOf(error).message)
    }
  }
}

/** An alarm threshold belongs to its version: each has scores of its own size. */
function note(feeder: Feeder, version: number, score: number, thresholds: ReadonlyMap<number, number>): void {
  feeder.version = version
  feeder.readings += 1
  feeder.readingsBy.set(version, (feeder.readingsBy.get(version) ?? 0) + 1)
  if (score > (thresholds.get(version) ?? Number.POSITIVE_INFINITY)) feeder.alarms += 1
}

/** Half of the last requests took longer; undefined before the first. */
export function p50Ms({ latenciesMs }: Feeder): number | undefined {
  return latenciesMs.toSorted((a, b) => a - b)[latenciesMs.length >> 1]
}
