import { Readable } from 'node:stream'
import type { Connection } from '@skerry/client/connection'
import { uploadBlob } from '@skerry/client/upload-blob'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { FlowGolden } from '@skerry/contract/flows/flow-recording'
import { FLOW_PATH, RECORDING_PATH } from '@skerry/contract/kinds/flow'
import { Name } from '@skerry/contract/values/names'
import { backoffMs } from '@skerry/core/values/backoff'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { command, fits, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { parseLabel } from '../../program/values.ts'
import { lineageOf, lineageOptions } from '../models/lineage-options.ts'
import { pushedText } from '../models/pushed-text.ts'
import { readFlow } from './flow-file.ts'
import { readFlowGolden, readRecording } from './recording-file.ts'

/** The same waits as for the files of models. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

export const pushFlow = command({
  name: 'flow push',
  summary: 'Push the file of a flow as a new version under its name; a repetition changes nothing',
  details:
    'The version includes a recording and its golden file. Every device replays the recording with its own models before the flow goes ' +
    'live there, and keeps the earlier version if the outputs differ. "skerry deploy" rolls out a flow in the same way as a model.',
  examples: [
    'skerry flow push pump.yaml',
    'skerry flow push pump.yaml --recording day.jsonl --golden golden.json --alias champion',
  ],
  arguments: { file: required('<file>', 'YAML of one flow', String) },
  options: {
    recording: value('--recording <file>', 'recording of its inputs, from "skerry flow run --record"', String),
    golden: value(
      '--golden <file>',
      'expected outputs for the recording, from "skerry flow replay --write-golden"',
      String,
    ),
    aliases: list('--alias <alias>', 'alias to set to the version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the version', parseLabel),
    ...lineageOptions,
  },
  async run(input, session) {
    const flow = await readFlow(input.file)
    const lineage = lineageOf(input)
    const texts = new Map([[FLOW_PATH, canonicalJson(flow)], ...(await testOf(input, session))])
    const { client, connection } = await session.hub()
    const files: { path: string; digest: ReturnType<typeof digestOf> }[] = []
    for (const [path, text] of texts) files.push({ path, digest: await upload(connection, Buffer.from(text), session) })
    const labels = Object.fromEntries(input.labels)
    const reply = await client.model.push(
      { name: flow.name, files, ...lineage, labels, aliases: input.aliases },
      { signal: session.signal },
    )
    session.print({ json: reply, text: () => pushedText(reply, WORDS, session.style) })
  },
})

const WORDS = { same: 'is the same flow already', golden: 'golden output' }

type Test = { recording: string | undefined; golden: string | undefined }

/** The golden test, as files of the version. */
async function testOf({ recording, golden }: Test, session: Session): Promise<[string, string][]> {
  if ((recording === undefined) !== (golden === undefined)) {
    throw wrongUsage(
      '--recording and --golden belong together',
      'the golden file has the expected outputs of the recording',
    )
  }
  if (recording === undefined || golden === undefined) {
    session.note('no recording: devices cannot test the flow before it goes live')
    return []
  }
  const lines: string[] = []
  for await (const sample of readRecording(recording)) lines.push(JSON.stringify(sample))
  const expected: FlowGolden = await readFlowGolden(golden)
  return [
    [RECORDING_PATH, `${lines.join('\n')}\n`],
    [GOLDEN_PATH, canonicalJson(expected)],
  ]
}

async function upload(connection: Connection, bytes: Uint8Array, { io, signal }: Session) {
  const digest = digestOf(bytes)
  const source = (start: number) => Readable.from([bytes.subarray(start)])
  const delayMs = (attempt: number) => backoffMs(attempt, RETRY, io.random())
  await uploadBlob(connection, { digest, sizeBytes: bytes.length, source, delayMs }, signal)
  return digest
}
