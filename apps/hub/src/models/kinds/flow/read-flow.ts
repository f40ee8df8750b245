/** Reads a flow as it was pushed, with the recording and the golden outputs that may lie beside it, and says what is wrong and where. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { Flow } from '@skerry/contract/flows/flow'
import {
  FlowGolden,
  FlowSample,
  RECORDING_BYTES_MAX,
  RECORDING_SAMPLES_MAX,
} from '@skerry/contract/flows/flow-recording'
import { FLOW_PATH, RECORDING_PATH } from '@skerry/contract/kinds/flow'
import { expressionProblems } from '@skerry/flows/expression-problems'
import type * as z from 'zod'

/** 256 steps with the longest expressions are a fraction of it. */
const FLOW_BYTES_MAX = 1024 * 1024

export type FlowReading =
  | { ok: true; flow: Flow; goldenOutputs: number }
  | { ok: false; code: 'flow_invalid'; message: string }

const invalid = (message: string) => ({ ok: false, code: 'flow_invalid', message }) as const

/** The flow in the folder. Its name is the one that it is pushed under: that names it on devices. */
export async function readFlow(folder: string, name: string): Promise<FlowReading> {
  const flow = await readJson(join(folder, FLOW_PATH), { path: FLOW_PATH, bytesMax: FLOW_BYTES_MAX }, Flow)
  if (!flow.ok) return flow
  if (flow.value.name !== name) {
    return invalid(`the flow is named ${flow.value.name} and pushed as ${name}; give it one name`)
  }
  const [fault] = expressionProblems(flow.value)
  if (fault) return invalid(`${FLOW_PATH}, ${fault.path.join('.')}: ${fault.message}`)
  if ((await sizeOf(join(folder, RECORDING_PATH))) === undefined)
    return { ok: true, flow: flow.value, goldenOutputs: 0 }
  const recording = await recordingProblem(join(folder, RECORDING_PATH))
  if (recording !== undefined) return invalid(`${RECORDING_PATH} ${recording}`)
  const file = { path: GOLDEN_PATH, bytesMax: RECORDING_BYTES_MAX }
  const golden = await readJson(join(folder, GOLDEN_PATH), file, FlowGolden)
  if (!golden.ok) return golden
  const sinks = new Set(flow.value.sinks.map((sink) => sink.name))
  const unknown = golden.value.outputs.find(({ sink }) => !sinks.has(sink))
  if (unknown) return invalid(`${GOLDEN_PATH} has outputs of ${unknown.sink}, which is not a sink of the flow`)
  return { ok: true, flow: flow.value, goldenOutputs: golden.value.outputs.length }
}

type Read<T> = { ok: true; value: T } | { ok: false; code: 'flow_invalid'; message: string }

async function readJson<Schema extends z.ZodType>(
  file: string,
  { path, bytesMax }: { path: string; bytesMax: number },
  schema: Schema,
): Promise<Read<z.infer<Schema>>> {
  if (((await sizeOf(file)) ?? 0) > bytesMax) return invalid(`${path} is over ${bytesMax / 1024 ** 2} MiB`)
  const json = parseJson(await readFile(file, 'utf8'))
  if (json === undefined) return invalid(`${path} is not JSON`)
  const parsed = schema.safeParse(json.value)
  return parsed.success ? { ok: true, value: parsed.data } : invalid(`${path}, ${issueText(parsed.error)}`)
}

/** What is wrong with it, from the first line that is. */
async function recordingProblem(file: string): Promise<string | undefined> {
  if (((await sizeOf(file)) ?? 0) > RECORDING_BYTES_MAX) return `is over ${RECORDING_BYTES_MAX / 1024 ** 2} MiB`
  const lines = (await readFile(file, 'utf8')).split('\n')
  if (lines.at(-1) === '') lines.pop()
  if (lines.length > RECORDING_SAMPLES_MAX) return `has over ${RECORDING_SAMPLES_MAX} lines`
  if (lines.length === 0) return 'is empty'
  for (const [index, line] of lines.entries()) {
    const json = parseJson(line)
    if (json === undefined) return `line ${index + 1} is not JSON`
    const parsed = FlowSample.safeParse(json.value)
    if (!parsed.success) return `line ${index + 1}, ${issueText(parsed.error)}`
  }
  return undefined
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** The first few: whoever has mended them sees the rest. */
const ISSUES_MAX = 5

const issueText = ({ issues }: z.ZodError) =>
  issues
    .slice(0, ISSUES_MAX)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ')

const sizeOf = (file: string) =>
  stat(file).then(
    ({ size }) => size,
    () => undefined,
  )
