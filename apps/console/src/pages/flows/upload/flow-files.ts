/**
 * Flow files: finds a flow, its recording and its golden file among some files. The contract checks them, as in the
 * command line. They are written as the command line writes them, so that the same flow becomes the same version from
 * either.
 */

import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { Flow } from '@skerry/contract/flows/flow'
import {
  FlowGolden,
  FlowSample,
  RECORDING_BYTES_MAX,
  RECORDING_SAMPLES_MAX,
} from '@skerry/contract/flows/flow-recording'
import { FLOW_PATH, RECORDING_PATH } from '@skerry/contract/kinds/flow'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { parseJson } from '@skerry/core/values/parse-json'
import { readYamlText, usual } from '../../sources/yaml-text.ts'
import { flowUploadTexts as words } from './english-flow-upload.ts'

/** A flow with the maximum of steps and inputs has a few hundred kilobytes. */
const FLOW_BYTES_MAX = 4 * 1024 * 1024

/** The size that the outputs of a golden file need. */
const GOLDEN_BYTES_MAX = 16 * 1024 * 1024

/** A dropped file, with its text if it is not too large for that. */
export type DroppedText = { name: string; sizeBytes: number; text: string | undefined }

export type FilePart = 'flow' | 'recording' | 'golden' | 'unused'

/** An error, and its place. */
export type FileFlaw = { file: string; line: number | undefined; message: string }

export type FlowFiles = {
  parts: readonly { name: string; sizeBytes: number; part: FilePart }[]
  flow: Flow | undefined
  samples: number | undefined
  outputs: number | undefined
  flaws: readonly FileFlaw[]
  /** The files of a version by path. The list is empty while there is an error. */
  texts: readonly { path: string; text: string }[]
}

/** The part of a file by its name. A JSON file is a golden file if it has outputs. */
function partOf({ name, text }: Pick<DroppedText, 'name' | 'text'>): FilePart {
  if (/\.(jsonl|ndjson)$/i.test(name)) return 'recording'
  if (/\.ya?ml$/i.test(name)) return 'flow'
  if (!/\.json$/i.test(name)) return 'unused'
  return /"outputs"\s*:/.test(text ?? '') && !/"inputs"\s*:/.test(text ?? '') ? 'golden' : 'flow'
}

const BYTES_MAX = { flow: FLOW_BYTES_MAX, recording: RECORDING_BYTES_MAX, golden: GOLDEN_BYTES_MAX, unused: 0 } as const

/** Whether a file may be one of these parts, by its name and size, so that it is worth reading. */
export const isReadable = (name: string, sizeBytes: number): boolean =>
  sizeBytes <= Math.max(BYTES_MAX[partOf({ name, text: undefined })], /\.json$/i.test(name) ? GOLDEN_BYTES_MAX : 0)

type Read<T> = { value: T | undefined; text: string; flaws: readonly FileFlaw[] }

/** Reads all of the dropped files. */
export function readFlowFiles(files: readonly DroppedText[]): FlowFiles {
  const parts = files.map((file) => ({ ...file, part: partOf(file) }))
  const named = (part: FilePart) => parts.filter((file) => file.part === part)
  const flows = named('flow')
  const recordings = named('recording')
  const goldens = named('golden')
  const flow = readPart(flows[0], readFlow)
  const recording = readPart(recordings[0], readRecording)
  const golden = readPart(goldens[0], readGolden)
  const flaws = [
    ...wholeFlaws(
      flows.map(({ name }) => name),
      recordings.length,
      goldens.length,
    ),
    ...[flow, recording, golden].flatMap((read) => read?.flaws ?? []),
  ]
  const texts = [
    { path: FLOW_PATH, text: flow?.text },
    { path: RECORDING_PATH, text: recording?.text },
    { path: GOLDEN_PATH, text: golden?.text },
  ]
  return {
    parts: parts.map(({ name, sizeBytes, part }) => ({ name, sizeBytes, part })),
    flow: flow?.value,
    samples: recording?.value,
    outputs: golden?.value?.outputs.length,
    flaws,
    texts: flaws.length > 0 ? [] : texts.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }])),
  }
}

function wholeFlaws(flows: readonly string[], recordings: number, goldens: number): FileFlaw[] {
  const [first = '', second] = flows
  const flaw = (message: string): FileFlaw[] => [{ file: first, line: undefined, message }]
  if (first === '') return flaw(words.none)
  if (second !== undefined || recordings > 1 || goldens > 1) return flaw(words.several(flows.join(', ')))
  return recordings === goldens ? [] : flaw(words.alone)
}

function readPart<T>(
  file: (DroppedText & { part: FilePart }) | undefined,
  read: (name: string, text: string) => Read<T>,
) {
  if (!file) return undefined
  const bytesMax = BYTES_MAX[file.part]
  if (file.text !== undefined && file.sizeBytes <= bytesMax) return read(file.name, file.text)
  const message = words.tooLarge(bytesMax / 1024 / 1024)
  return { value: undefined, text: '', flaws: [{ file: file.name, line: undefined, message }] }
}

function readFlow(name: string, text: string): Read<Flow> {
  const { value, flaws } = readYamlText<Flow>(text, Flow)
  const found = flaws.map(({ line, message }) => ({ file: name, line, message }))
  if (value) return { value, text: canonicalJson(value), flaws: [] }
  return { value, text: '', flaws: found.length > 0 ? found : [{ file: name, line: 1, message: words.none }] }
}

/** The first invalid line ends the reading, because the others usually have the same cause. */
function readRecording(name: string, text: string): Read<number> {
  const lines: string[] = []
  const flaw = (line: number | undefined, message: string) => ({
    value: undefined,
    text: '',
    flaws: [{ file: name, line, message }],
  })
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const sample = FlowSample.safeParse(parseJson(line))
    if (!sample.success) return flaw(index + 1, wordsOfIssue(sample.error.issues))
    lines.push(JSON.stringify(sample.data))
    if (lines.length > RECORDING_SAMPLES_MAX) return flaw(undefined, words.tooMany(RECORDING_SAMPLES_MAX))
  }
  return { value: lines.length, text: `${lines.join('\n')}\n`, flaws: [] }
}

function readGolden(name: string, text: string): Read<FlowGolden> {
  const golden = FlowGolden.safeParse(parseJson(text))
  if (golden.success) return { value: golden.data, text: canonicalJson(golden.data), flaws: [] }
  const message = wordsOfIssue(golden.error.issues)
  return { value: undefined, text: '', flaws: [{ file: name, line: undefined, message }] }
}

const wordsOfIssue = ([issue]: readonly { path: readonly PropertyKey[]; message: string }[]) =>
  issue ? usual(issue.path, issue.message) : words.notJson
