/**
 * Replay: runs a recording through a flow at full speed, and returns the outputs for its sinks. It reaches nothing
 * outside.
 */
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
  /**
   * The replay ends beyond this number, because all outputs are kept until the end. If it is absent, only memory limits
   * it.
   */
  outputsMax?: number
}

/** `strangers`: samples without an input of the flow. */
export type Replayed = { outputs: FlowOutput[]; figures: FlowPartFigures[]; strangers: number }

/** The most samples in process at once: so memory stays small for any recording. */
const CHUNK = 4_096

/** A picture is as large as a thousand of them. */
const CHUNK_IMAGES = 4

/** A camera's sample has its picture, if the recording has pictures. */
export type ReplaySample = FlowSample & { image?: Image | undefined }

/** Resolves with the outputs, in their order. */
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
    // A moment is never split over two batches.
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
