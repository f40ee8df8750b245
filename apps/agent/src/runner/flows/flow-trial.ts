/** Flow trial: replays a flow's recording on this hardware, with the models that serve here, and compares what its sinks would be told. */
import type { FlowContent, FlowGolden, FlowOutput } from '@skerry/contract/flows/flow-recording'
import { type FlowDifference, goldenDifferences } from '@skerry/core/flow/tensors/golden-difference'
import type { FlowOrder } from '@skerry/flows/host/flow-message'
import type { Infer } from '@skerry/flows/model-step'
import type { ReplayOrder } from '@skerry/flows/replay/replay-message'
import { replayInThread, type ThreadReplayed } from '@skerry/flows/replay/replay-thread'
import { readSource, type SourceFile } from '@skerry/inference/runtime/model-source'
import type { RunnerAnswer } from '../runner-message.ts'

export type TrialFiles = { recording: SourceFile; golden: SourceFile }

/** The first difference decides, and is named. Whatever the flow computes, models go on answering meanwhile. */
export async function tryFlow(
  order: FlowOrder,
  { recording, golden }: TrialFiles,
  infer: Infer,
  signal: AbortSignal,
): Promise<RunnerAnswer> {
  const replayed = await replay({ ...order, recording: readSource(recording) }, infer, signal)
  if (!replayed.ok) return replayed
  // The hub has read it, the hub signed it, and control has checked its digest.
  const expected: FlowGolden = JSON.parse(Buffer.from(readSource(golden)).toString('utf8'))
  const [first] = goldenDifferences(expected, replayed.outputs)
  return first ? { ok: false, code: 'golden_mismatch', message: wordsOf(first) } : { ok: true }
}

async function replay(order: ReplayOrder, infer: Infer, signal: AbortSignal): Promise<ThreadReplayed> {
  try {
    return await replayInThread(order, infer, signal)
  } catch (error) {
    if (signal.reason instanceof Error && signal.reason.name === 'TimeoutError') return ENDLESS
    throw error
  }
}

const ENDLESS: ThreadReplayed = {
  ok: false,
  code: 'flow_trial_failed',
  message: 'the replay of the recording did not end: use a shorter recording, or correct a step that never ends',
}

function wordsOf({ sink, place, expected, given }: FlowDifference): string {
  const at = `sink ${sink}, output ${place + 1}`
  if (!expected) return `${at}: the flow gave ${outputText(given)}, expected nothing`
  if (!given) return `${at}: the flow gave nothing, expected ${outputText(expected)}`
  const times = expected.timeMs === given.timeMs ? '' : `, at ${given.timeMs} instead of ${expected.timeMs}`
  return `${at}: the flow gave ${outputText(given)}, expected ${outputText(expected)}${times}`
}

/** A vector is shown by its beginning. */
const SHOWN_MAX = 8

function outputText(output: FlowOutput | undefined): string {
  if (!output) return 'nothing'
  return output.quality === 'bad' ? `bad (${output.cause.code})` : `${contentText(output.value)}, ${output.quality}`
}

const contentText = (value: FlowContent) =>
  Array.isArray(value) && value.length > SHOWN_MAX
    ? `[${value.slice(0, SHOWN_MAX).join(', ')}, …]`
    : JSON.stringify(value)
