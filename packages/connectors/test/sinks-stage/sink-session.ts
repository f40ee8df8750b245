/** Sink session: an open connection to where values go, without queue or thread, for tests of what it makes of them. */
import { tmpdir } from 'node:os'
import { Sink } from '@skerry/contract/sinks/sink'
import type { SinkBatch, SinkValue } from '@skerry/contract/sinks/sink-value'
import { systemClock } from '@skerry/platform/process/clock'
import { onTestFinished } from 'vitest'
import type { SendOutcome, SinkSession } from '../../src/sink.ts'
import { openSink } from '../../src/sinks/sinks.ts'

const { signal } = new AbortController()

export const STREAM = '0123456789abcdef'

/** Opens it, until the test is over. */
export async function openSession(draft: object, secrets: Record<string, string> = {}): Promise<SinkSession> {
  const deps = { clock: systemClock, random: Math.random, folder: tmpdir(), secrets }
  const session = await openSink(Sink.parse({ name: 'out', ...draft }), deps, signal)
  onTestFinished(() => session[Symbol.asyncDispose]())
  return session
}

export const sample = (
  value: number,
  more: Partial<Pick<SinkValue, 'signal' | 'source' | 'flow'>> = {},
): SinkValue => ({
  signal: 'press-7/speed',
  eventTimeMs: 1_700_000_000_000 + value,
  quality: 'good',
  value,
  ...more,
})

export const batchOf = (values: SinkValue[], first = 1): SinkBatch => ({
  stream: STREAM,
  lane: 'normal',
  first,
  values,
})

export const sendTo = (session: SinkSession, batch: SinkBatch): Promise<SendOutcome> => session.send(batch, signal)
