/** Replay: runs a recording through a flow, as quickly as it goes, and gives what its sinks would have been told. Touches nothing outside. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowOutput, FlowSample } from '@skerry/contract/flows/flow-recording'
import type { Image } from '@skerry/core/equipment/image'
import type { ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import { createEngine } from '../engine.ts'
import type { Infer } from '../model-step.ts'
import { createBatchBuilder } from '../sample-batch.ts'

export type ReplayDeps = {
  infer: Infer
  facts: ReadonlyMap<string, ModelFacts>
  monotonicMs: () => number
  /** With more of them it ends, for all are kept until then; where absent, memory is the bound. */
  outputsMax?: number
}

/** `strangers`: samples that the flow has no input for. */
export type Replayed = { outputs: FlowOutput[]; figures: FlowPartFigures[]; strangers: number }

/** How many samples are on their way at once: memory stays small, whatever the recording. */
const CHUNK = 4_096

/** A picture is as large as a thousand of them. */
const CHUNK_IMAGES = 4

/** That of a camera has its picture, where the recording has pictures. */
export type ReplaySample = FlowSample & { image?: Image | undefined }

/** Sinks in the order in which they were told. */
export async function replayFlow(
  flow: Flow,
  samples: Iterable<ReplaySample> | AsyncIterable<ReplaySample>,
  deps: ReplayDeps,
  signal: AbortSignal,
): Promise<Replayed> {
  const { outputsMax = Number.POSITIVE_INFINITY } = deps
  const outputs: FlowOutput[] = []
  const engine = createEngine(flow, {
    ...deps,
    signal,
    haste: 'patient',
    async tell(_sink, output) {
      outputs.push(output)
      return { ok: true }
    },
  })
  const builder = createBatchBuilder(flow)
  let strangers = 0
  let images = 0
  let lastMs = Number.NaN
  for await (const sample of samples) {
    signal.throwIfAborted()
    if (outputs.length > outputsMax) throw new Error(`there are more than ${outputsMax} outputs`)
    // A moment is never cut in two.
    const isNext = sample.receivedTimeMs !== lastMs || sample.apart === true
    if ((builder.count >= CHUNK || images >= CHUNK_IMAGES) && isNext) {
      await engine.feed(builder.take())
      images = 0
    }
    lastMs = sample.receivedTimeMs
    if (sample.image) images += 1
    if (!builder.add(sample, sample.image)) strangers += 1
  }
  await engine.feed(builder.take())
  await engine.end()
  await engine.idle()
  return { outputs, figures: engine.figures(), strangers }
}
