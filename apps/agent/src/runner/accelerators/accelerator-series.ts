/** Accelerator series: sends the figures of the accelerators to the hub, as values with a time like those of flows. */
import type { Priority, SinkValue } from '@skerry/contract/sinks/sink-value'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { AcceleratorReading } from './read-accelerators.ts'

/** In milliseconds. A card with four figures makes 5,760 values a day, and the hub keeps 20 million. */
const EVERY_MS = 60_000

/** The name of a flow or a source cannot have a slash. A flow of this name would have other signals below it. */
const TOPIC = 'accelerators'

const FIGURES = [
  ['loadPercent', 'load', '%'],
  ['memoryMiB', 'memory', 'MiB'],
  ['celsius', 'temperature', '°C'],
  ['watts', 'power', 'W'],
] as const

export type AcceleratorDeps = {
  clock: Clock
  log: Pick<Log, 'warn'>
  read(): Promise<readonly AcceleratorReading[]>
  /** Stores the value on its way to the hub. */
  offer(value: SinkValue, priority: Priority): Promise<unknown>
}

/** Reads once a minute until the signal aborts. A machine without accelerators sends nothing. */
export async function followAccelerators(deps: AcceleratorDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, read, offer } = deps
  let problem: string | undefined
  while (!signal.aborted) {
    try {
      const readings = await read()
      problem = undefined
      // Values of equipment leave first.
      for (const value of valuesOf(readings, clock.nowMs())) if (!signal.aborted) await offer(value, 'bulk')
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== problem) log.warn('accelerators_unread', { error })
      problem = message
    }
    await clock.sleep(EVERY_MS, signal).catch(() => undefined)
  }
}

/** One value for each figure, such as `accelerators/nvidia0/load`. */
export const valuesOf = (readings: readonly AcceleratorReading[], nowMs: number): SinkValue[] =>
  readings.flatMap((reading) =>
    FIGURES.flatMap(([key, word, unit]) => {
      const value = reading[key]
      if (value === undefined) return []
      const signal = `${TOPIC}/${reading.name}/${word}`
      return [{ signal, unit, eventTimeMs: nowMs, quality: 'good' as const, value }]
    }),
  )
