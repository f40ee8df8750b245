/** Sink trials: tests of sinks that need not be set, on this device and with its secrets. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { testBatch, trySink } from '@skerry/connectors/sinks/sink-trial'
import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import { Sink } from '@skerry/contract/sinks/sink'
import { parseText } from '@skerry/contract/values/parse-text'
import type { Clock } from '@skerry/platform/process/clock'
import type { GateMemory } from '@skerry/platform/process/lease-gate'
import type { RunnerAnswer } from '../runner-message.ts'
import { missingCause, passiveAnswer, pickSecrets } from './connection-file.ts'

/** `text`: the configuration of the sink, as JSON. `isSent`: whether the test sends a value. */
export type SinkTrialRequest = { text: string; isSent: boolean; waitMs: number }

export type SinkTrialMeans = {
  secrets: Readonly<Record<string, string>>
  /** The folder with a folder for each sink. */
  folder: string
}

export type SinkTrials = (request: SinkTrialRequest, means: SinkTrialMeans) => Promise<RunnerAnswer>

/** Each trial is a thread that may take as much memory as a sink. Two people at once are many. */
const TRIALS_MAX = 2

const refused = (message: string): RunnerAnswer => ({
  ok: false,
  code: 'source_refused',
  message: message.slice(0, 500),
})

/** At the start no trial runs. */
export function createSinkTrials({ clock, gate }: { clock: Clock; gate?: GateMemory | undefined }): SinkTrials {
  let running = 0
  return async ({ text, isSent, waitMs }, { secrets, folder }) => {
    const passive = passiveAnswer(gate)
    if (passive) return passive
    const parsed = parseText(Sink, text)
    if (!parsed.ok) return refused(`this agent cannot run it: ${parsed.message}`)
    const sink = parsed.said
    const named = secretsNamedIn(sink)
    const missing = named.find((name) => secrets[name] === undefined)
    if (missing !== undefined) return refused(missingCause(missing).message)
    if (running >= TRIALS_MAX) return { ok: false, code: 'device_busy', message: BUSY }
    running += 1
    try {
      const batch = isSent ? testBatch(sink.name, randomBytes(8).toString('hex'), clock.nowMs()) : undefined
      const order = { sink, secrets: pickSecrets(secrets, named), folder: join(folder, sink.name), batch, waitMs }
      return { ok: true, said: await trySink(order, new AbortController().signal) }
    } finally {
      running -= 1
    }
  }
}

const BUSY = `the device is testing ${TRIALS_MAX} sinks already; try again when one is done`
