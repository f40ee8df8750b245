/**
 * Replay here: runs a recording through a flow, with the engine that runs it on devices and on the command line. The
 * browser has no models: a model step gets `model_unknown`.
 */
import { goldenDifferences } from '@skerry/core/flow/tensors/golden-difference'
import { replayFlow } from '@skerry/flows/replay/replay'
import { factsOfSteps } from '@skerry/flows/step-facts'
import { samplesOf } from './recording-lines.ts'
import type { ReplayOrder, ReplayOutcome } from './replay-message.ts'
import { sinkReplays, spanOf } from './sink-replays.ts'

/** All outputs are in memory until the end: some hundred megabytes. */
const OUTPUTS_MAX = 1_000_000

/** The page shows this many differences. The first ones show what is wrong. */
const DIFFERENCES_SHOWN = 20

type Deps = { onBytes: (done: number) => void; signal: AbortSignal }

/** Rejects with an error in words for a person. */
export async function replayHere(
  { flow, recording, golden }: ReplayOrder,
  { onBytes, signal }: Deps,
): Promise<ReplayOutcome> {
  const steps = factsOfSteps(flow, () => undefined)
  if (!steps.ok) throw new Error(steps.message)
  let samples = 0
  async function* counted() {
    for await (const sample of samplesOf(recording, onBytes)) {
      samples += 1
      yield sample
    }
  }
  const { outputs, figures, strangers } = await replayFlow(
    flow,
    counted(),
    {
      facts: steps.facts,
      monotonicMs: () => performance.now(),
      outputsMax: OUTPUTS_MAX,
      infer: async ({ model }) => ({ ok: false, code: 'model_unknown', message: `there is no model ${model} here` }),
    },
    signal,
  )
  const span = spanOf(outputs)
  const differences = golden && goldenDifferences(golden, outputs)
  return {
    samples,
    strangers,
    span,
    figures,
    sinks: sinkReplays(flow, outputs, span),
    outputs: new Blob(
      outputs.map((output) => `${JSON.stringify(output)}\n`),
      { type: 'application/x-ndjson' },
    ),
    compared: differences && { differences: differences.length, shown: differences.slice(0, DIFFERENCES_SHOWN) },
  }
}
