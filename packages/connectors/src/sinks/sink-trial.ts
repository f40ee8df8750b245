/**
 * Sink trial: one test of a sink in a thread of its own, beside a sink of that name that may run. It writes nothing,
 * unless the caller wants a marked test value to be sent.
 */
import { Worker } from 'node:worker_threads'
import { type Sink, SparkplugSink } from '@skerry/contract/sinks/sink'
import { SINK_TEST_CAUSE, type SinkTrial } from '@skerry/contract/sinks/sink-trial'
import { type SinkBatch, type SinkValue, sinkValueId } from '@skerry/contract/sinks/sink-value'
import { whenThreadEnds } from '@skerry/platform/process/supervise'
import { type SinkDeps, SinkTrouble } from '../sink.ts'
import { reachSink } from './sink-reach.ts'
import { openSink } from './sinks.ts'

export type SinkTrialOrder = {
  sink: Sink
  secrets: Record<string, string>
  /** The folder of the sink's files. */
  folder: string
  /** The test value to send. Undefined if the test must write nothing. */
  batch: SinkBatch | undefined
  waitMs: number
}

const HEAP_MB = 256
const MESSAGE_MAX = 500

const THREAD = new URL(`./sink-trial-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Never rejects: the reason of a failure is part of the result. */
export async function trySink(order: SinkTrialOrder, signal: AbortSignal): Promise<SinkTrial> {
  const worker = new Worker(THREAD, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
  let said: SinkTrial | undefined
  worker.on('message', (trial: SinkTrial) => {
    said = trial
  })
  const over = AbortSignal.any([signal, AbortSignal.timeout(order.waitMs)])
  const end = () => void worker.terminate()
  over.addEventListener('abort', end, { once: true })
  const message = await whenThreadEnds(worker)
  over.removeEventListener('abort', end)
  if (said) return said
  return over.aborted
    ? failed('sink_silent', `no answer within ${order.waitMs} ms`)
    : failed('connector_crashed', message)
}

/** The test itself, in its thread. */
export async function runTrial(
  { sink, batch }: SinkTrialOrder,
  deps: SinkDeps,
  signal: AbortSignal,
): Promise<SinkTrial> {
  try {
    const apart = besideRunning(sink)
    if (!batch) return { reached: await reachSink(apart, deps, signal) }
    // It throws for a destination that has no session of its own.
    if (sink.protocol === 'hub') await reachSink(sink, deps, signal)
    await using session = await openSink(apart, deps, signal)
    const outcome = await session.send(batch, signal)
    const valueId = sinkValueId(batch, batch.first)
    return outcome.ok ? { reached: 'value', valueId } : { ...failed(outcome.code, outcome.message), reached: 'session' }
  } catch (error) {
    if (error instanceof SinkTrouble) return failed(error.code, error.message)
    return failed('connector_crashed', error instanceof Error ? error.message : String(error))
  }
}

const failed = (code: string, message: string): SinkTrial => ({
  reached: 'nothing',
  cause: { code, message: message.slice(0, MESSAGE_MAX) },
})

/** A receiver tells it from a measurement by the signal, by the quality and by the cause. */
export function testBatch(sink: string, stream: string, nowMs: number): SinkBatch {
  const value: SinkValue = {
    signal: `skerry-test/${sink}`,
    eventTimeMs: Math.floor(nowMs),
    quality: 'uncertain',
    cause: SINK_TEST_CAUSE,
    value: 1,
  }
  return { stream, lane: 'normal', first: 1, values: [value] }
}

/** A broker drops the older of two clients with one id, and a node of a name exists once. A file has one writer. */
function besideRunning(sink: Sink): Sink {
  switch (sink.protocol) {
    case 'mqtt': {
      const { clientId: _, ...connection } = sink.connection
      return { ...sink, connection }
    }
    case 'sparkplug': {
      const { clientId: _, ...connection } = sink.connection
      const node = `${connection.node.slice(0, NODE_MAX)}-test`
      return SparkplugSink.parse({ ...sink, connection: { ...connection, node, commands: [] } })
    }
    case 'file':
      return { ...sink, name: `${sink.name.slice(0, NAME_MAX)}-test` }
    case 'amqp':
    case 'hub':
    case 'influx':
    case 'kafka':
    case 'nats':
    case 'postgres':
    case 'webhook':
      return sink
  }
}

/** Names with the ending are as long as names may be. */
const NODE_MAX = 195
const NAME_MAX = 58
