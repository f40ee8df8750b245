/** Flow trial: replays a flow's recording on this hardware, with the models that serve here, and compares what its sinks would be told. */
import type { Flow } from '@skerry/contract/flow'
import type { FlowContent, FlowGolden, FlowOutput, FlowSample } from '@skerry/contract/flow-recording'
import { type FlowDifference, goldenDifferences } from '@skerry/core/flow/golden-difference'
import { type ReplayDeps, replayFlow } from '@skerry/flows/replay'
import { readSource, type SourceFile } from '@skerry/inference/model-source'
import type { RunnerAnswer } from './runner-message.ts'

export type TrialFiles = { recording: SourceFile; golden: SourceFile }

/** The first difference decides, and is named. */
export async function tryFlow(
  flow: Flow,
  { recording, golden }: TrialFiles,
  deps: ReplayDeps,
  signal: AbortSignal,
): Promise<RunnerAnswer> {
  const { outputs } = await replayFlow(flow, samplesOf(recording), deps, signal)
  const [first] = goldenDifferences(goldenOf(golden), outputs)
  return first ? { ok: false, code: 'golden_mismatch', message: wordsOf(first) } : { ok: true }
}

const textOf = (file: SourceFile) => Buffer.from(readSource(file)).toString('utf8')

/** The hub has read each line, the hub signed them all, and control has checked their digest. */
const samplesOf = (file: SourceFile): FlowSample[] =>
  textOf(file)
    .split('\n')
    .filter((line) => line !== '')
    .map((line): FlowSample => JSON.parse(line))

const goldenOf = (file: SourceFile): FlowGolden => JSON.parse(textOf(file))

function wordsOf({ sink, place, expected, given }: FlowDifference): string {
  const at = `sink ${sink}, output ${place + 1}`
  if (!expected) return `${at}: ${outputText(given)} was told, and nothing should be`
  if (!given) return `${at}: nothing was told, and ${outputText(expected)} should be`
  const times = expected.timeMs === given.timeMs ? '' : `, at ${given.timeMs} instead of ${expected.timeMs}`
  return `${at}: ${outputText(given)} was told, and ${outputText(expected)} should be${times}`
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
