/** `skerry flow run` */
import { valuesOf } from '@skerry/connectors/reading'
import { type SourceDeps, type SourceHost, startSource } from '@skerry/connectors/sources/source-host'
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import type { Source } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { type FlowHost, startFlow } from '@skerry/flows/host/flow-host'
import type { TellOutcome } from '@skerry/flows/outlet'
import { systemClock } from '@skerry/platform/process/clock'
import { command, flag, list, required, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { parseDuration } from '../../program/values.ts'
import { readSource } from '../sources/source-file.ts'
import { secretsOption, surroundingsOf } from '../sources/source-surroundings.ts'
import { readFlow } from './flow-file.ts'
import { type FlowModels, openFlowModels, parseModelFile } from './flow-models.ts'
import { figuresTable, outputLine } from './flow-view.ts'
import { openRecording, type RecordingWriter } from './recording-file.ts'

export const runFlow = command({
  name: 'flow run',
  summary: 'Run a flow on this machine, with sources read from here',
  details:
    'Shows the outputs for its sinks, but sends nothing to configured sinks or to the hub. Equipment is written only with ' +
    '--act, and only if the file of the source permits it. --record stores the inputs for "skerry flow replay"; with --pictures, also the pictures of cameras. With --json, the command ' +
    'prints a line for each output.',
  examples: [
    'skerry flow run pump.yaml --source pump-1.yaml --record recording.jsonl --duration 1m',
    'skerry flow run pump.yaml --source pump-1.yaml --model anomaly=model.onnx --act',
    'skerry flow run gate.yaml --source gate-camera.yaml --model yolo=yolo.onnx --record gate.jsonl --pictures',
  ],
  arguments: { file: required('<file>', 'YAML of one flow', String) },
  options: {
    sources: list('--source <file>', 'YAML of a source that the flow reads or writes', String),
    secrets: secretsOption,
    models: list(
      '--model <name=file>',
      'the ONNX file of a model, or NAME:VERSION=FILE of that version',
      parseModelFile,
    ),
    recording: value('--record <recording>', 'new file for the recorded inputs', String),
    withPictures: flag('--pictures', 'store pictures of cameras beside the recording; they stay on this machine'),
    seconds: value('--duration <time>', 'end after this time; by default, run until Ctrl-C', parseDuration),
    isActing: flag('--act', 'write the outputs of the flow to equipment'),
  },
  async run({ file, sources: paths, secrets, models: files, recording, withPictures, seconds, isActing }, session) {
    if (withPictures && recording === undefined)
      throw wrongUsage('--pictures needs --record: pictures are stored beside the recording')
    const flow = await readFlow(file)
    const read = await Promise.all(paths.map(async (path) => (await readSource(path)).source))
    const missing = missingTag(flow, read)
    if (missing !== undefined) throw wrongUsage(missing)
    const sources = await Promise.all(
      read.map(async (source) => ({ source, ...(await surroundingsOf(source, secrets, session)) })),
    )
    await using models = await openFlowModels(flow, files, session.signal)
    await using writer =
      recording === undefined ? undefined : await openRecording(recording, { pictures: withPictures })
    const limit =
      seconds === undefined ? session.signal : AbortSignal.any([session.signal, AbortSignal.timeout(seconds * 1_000)])
    const figures = await runUntil({ flow, sources, models, writer, isActing }, session, limit)
    if (!session.isJson) session.note(`\n${figuresTable(session.style, figures.parts)}`)
  },
})

/** A tag that the flow names and no source here has. */
function missingTag(flow: Flow, sources: readonly Source[]): string | undefined {
  const known = new Set(
    sources.flatMap(({ name, groups }) => groups.flatMap(({ tags }) => tags.map((tag) => `${name}/${tag.name}`))),
  )
  const wanted = [...flow.inputs, ...flow.sinks.flatMap((sink) => (sink.kind === 'tag' ? [sink] : []))]
  const missing = wanted.map(({ source, tag }) => `${source}/${tag}`).find((name) => !known.has(name))
  return missing === undefined ? undefined : `no given source has ${missing}; name its file with --source`
}

type Placed = { source: Source } & Pick<SourceDeps, 'secrets' | 'stateFolder'>

type Run = {
  flow: Flow
  sources: readonly Placed[]
  models: FlowModels
  writer: RecordingWriter | undefined
  isActing: boolean
}

async function runUntil(run: Run, session: Session, limit: AbortSignal): Promise<FlowFigures> {
  const hosts = new Map<string, SourceHost>()
  const over = Promise.withResolvers<void>()
  limit.addEventListener('abort', () => over.resolve(), { once: true })
  const show = (output: Parameters<typeof outputLine>[0]) =>
    session.printEvent({ json: output, text: () => outputLine(output) })
  const host = startFlow(run.flow, {
    clock: systemClock,
    random: session.io.random,
    infer: run.models.infer,
    factsOf: run.models.factsOf,
    async send(_sink, output) {
      show(output)
      return { ok: true }
    },
    write: (source, tag, content) => act(run, session, hosts, { source, tag, content }),
    onState(state) {
      if (state.kind === 'crashed' || state.kind === 'quarantined')
        over.reject(fail('flow_failed', state.cause.message))
    },
  })
  {
    await using stack = new AsyncDisposableStack()
    stack.use(host)
    for (const placed of run.sources) hosts.set(placed.source.name, stack.use(feedFrom(placed, host, run, session)))
    await over.promise
  }
  // Its last word is what became of everything.
  return host.figures()
}

function feedFrom(
  { source, ...surroundings }: Placed,
  host: FlowHost,
  { flow, writer }: Run,
  session: Session,
): SourceHost {
  const wanted = new Set(flow.inputs.flatMap((input) => (input.source === source.name ? [input.tag] : [])))
  return startSource(source, {
    ...surroundings,
    clock: systemClock,
    random: session.io.random,
    onReading(reading) {
      const group = source.groups.find(({ name }) => name === reading.group)
      if (!group) return
      const samples = valuesOf(reading, group)
        .filter(({ tag }) => wanted.has(tag))
        .map((one): FlowSample => ({ ...one, source: source.name }))
      writer?.write(samples, reading.images)
      host.fill((builder) => {
        for (const sample of samples) builder.add(sample, reading.images?.get(sample.tag))
      })
    },
    onState(state) {
      if ('cause' in state) session.note(`${source.name} is ${state.kind}: ${state.cause.message}`)
    },
  })
}

type Order = { source: string; tag: string; content: TagContent }

async function act(
  { isActing }: Run,
  session: Session,
  hosts: ReadonlyMap<string, SourceHost>,
  { source, tag, content }: Order,
): Promise<TellOutcome> {
  const place = `${source}/${tag}`
  const timeMs = session.io.nowMs()
  const tell = (done: string) =>
    session.printEvent({
      json: { write: place, value: content, timeMs, done },
      text: () => `${done} ${content} to ${place}`,
    })
  if (!isActing) {
    tell('would write')
    return { ok: true }
  }
  const outcome = await hosts.get(source)?.write(tag, content)
  if (outcome?.ok) tell('wrote')
  else session.note(`could not write ${content} to ${place}: ${outcome?.message ?? 'the source has ended'}`)
  return outcome ?? { ok: false, code: 'source_unknown', message: `there is no source ${source} here` }
}
