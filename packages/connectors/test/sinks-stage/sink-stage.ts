/** Sink stage: a sink that runs in its own thread with its own queue, and what it was offered. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sink } from '@skerry/contract/sinks/sink'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { type SinkHost, startSink } from '../../src/sinks/sink-host.ts'
import type { SinkState } from '../../src/sinks/sink-state.ts'

export type SinkStage = AsyncDisposable & {
  host: SinkHost
  states: SinkState[]
  /** Offers so many numbers, counted on from the ones before; each is its own event time, too. */
  offer(count: number): Promise<void>
  offered(): number
  /** Looks again and again; in vain, it tells the state and the figures. */
  until(isSo: () => boolean | Promise<boolean>): Promise<unknown>
}

const START_MS = 1_700_000_000_000

export function openSinkStage(draft: object, secrets: Record<string, string> = {}): SinkStage {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-sink-'))
  const states: SinkState[] = []
  const sink = Sink.parse({ name: 'out', batch: { valuesMax: 50, lingerMs: 5 }, ...draft })
  const host = startSink(
    { sink, folder, secrets },
    { clock: systemClock, random: () => 0.2, onState: (state) => void states.push(state) },
  )
  let offered = 0
  return {
    host,
    states,
    offered: () => offered,
    async offer(count) {
      const values = Array.from({ length: count }, (_, index): SinkValue => {
        const number = offered + index
        return { signal: 'press-7/count', quality: 'good', value: number, eventTimeMs: START_MS + number }
      })
      offered += count
      const { lost } = await host.offer(values, 'normal')
      if (lost > 0) throw new Error(`${lost} were not stored`)
    },
    until: (isSo) => until(isSo, { seen: () => ({ state: host.state(), figures: host.figures() }) }),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}
