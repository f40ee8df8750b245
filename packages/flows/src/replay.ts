/** Replay: runs a recording through a flow, as quickly as it goes, and gives what its sinks would have been told. Touches nothing outside. */
import type { Flow } from '@skerry/contract/flow'
import type { FlowPartFigures } from '@skerry/contract/flow-figures'
import type { FlowOutput, FlowSample } from '@skerry/contract/flow-recording'
import type { ModelFacts } from '@skerry/core/flow/model-facts'
import { createEngine } from './engine.ts'
import type { Infer } from './model-step.ts'
import { createBatchBuilder } from './sample-batch.ts'

export type ReplayDeps = { infer: Infer; facts: ReadonlyMap<string, ModelFacts>; monotonicMs: () => number }

/** `strangers`: samples that the flow has no input for. */
export type Replayed = { outputs: FlowOutput[]; figures: FlowPartFigures[]; strangers: number }

/** How many samples are on their way at once: memory stays small, whatever the recording. */
const CHUNK = 4_096

/** Sinks in the order in which they were told. */
export async function replayFlow(
  flow: Flow,
  samples: Iterable<FlowSample> | AsyncIterable<FlowSample>,
  deps: ReplayDeps,
  signal: AbortSignal,
): Promise<Replayed> {
  const outputs: FlowOutput[] = []
  const engine = createEngine(flow, {
    ...{ ...deps, signal, haste: 'patient' },
    async tell(_sink, output) {
      outputs.push(output)
      return { ok: true }
    },
  })
  const builder = createBatchBuilder(flow)
  let strangers = 0
  let lastMs = Number.NaN
  for await (const sample of samples) {
    signal.throwIfAborted()
    // A moment is never cut in two.
    const isNext = sample.receivedTimeMs !== lastMs || sample.apart === true
    if (builder.count >= CHUNK && isNext) await engine.feed(builder.take())
    lastMs = sample.receivedTimeMs
    if (!builder.add(sample)) strangers += 1
  }
  await engine.feed(builder.take())
  await engine.end()
  await engine.idle()
  return { outputs, figures: engine.figures(), strangers }
}
