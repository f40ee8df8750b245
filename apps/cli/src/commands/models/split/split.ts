import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import { Name } from '@skerry/contract/values/names'
import * as z from 'zod'
import { asIs, command, fits, fitsNumber, flag, required, usually, value } from '../../../program/command.ts'
import { problemFailure, wrongUsage } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'
import { isModelFile, openCheckedModel } from '../../checks/checked-model.ts'
import { hashAll, uploadFile } from '../pushed/send-files.ts'
import { type PushedStage, type SplitView, splitText, splitView } from './split-view.ts'

/** [packages/onnx, plan-split] More devices in a row are slower than the model on one of them. */
const Stages = z.int().min(2).max(8)

/** Of the slowest radio to the fastest network of a rack. */
const Network = z.int().min(1).max(100_000)

export const splitModelVersion = command({
  name: 'model split',
  summary: 'Cut a version into stages that run on several devices, one after the other',
  details:
    'The command measures the nodes of the model on this computer, with the golden inputs of the version, and finds the cut for which ' +
    'the slowest stage with its transfers is the fastest. Each stage is pushed as a model of its own, NAME-1, NAME-2 and so on, with ' +
    'its parent in its lineage, and with golden cases that come from those of the version. "skerry route create --stage" makes a pipeline of them.',
  examples: [
    'skerry model split ocr --stages 2 --dry-run',
    'skerry model split ocr:3 --stages 3 --network 100',
    'skerry model split ./ocr.onnx --stages 2 --dry-run --json',
  ],
  arguments: { model: required('<model>', 'NAME, NAME:VERSION, NAME@alias, or with --dry-run a file', asIs) },
  options: {
    stages: usually('--stages <count>', '2', 'number of stages, 2 to 8', fitsNumber(Stages)),
    network: usually(
      '--network <megabits>',
      '1000',
      'speed of the network between the devices, in Mbit/s',
      fitsNumber(Network),
    ),
    name: value('--name <name>', 'beginning of the names of the stages; the name of the model by default', fits(Name)),
    isDryRun: flag('--dry-run', 'show the cut, and push nothing'),
  },
  async run({ model: text, stages, network, name, isDryRun }, session) {
    if (isModelFile(text) && !isDryRun)
      throw wrongUsage('only a version of the hub can be split', `push ${text} first, or add --dry-run`)
    await using model = await openCheckedModel(text, session)
    const outFolder = await mkdtemp(join(tmpdir(), 'skerry-split-'))
    try {
      // The runtime would slow the start of every other command.
      const { splitModel } = await import('@skerry/inference/split/split-model')
      const { modelPath, golden, title } = model
      session.note(`measuring ${title} on this computer`)
      const order = { modelPath, outFolder, stages, bytesPerUs: network / BITS, golden }
      const result = await splitModel(order, totalmem(), session.signal)
      if (!result.ok) throw problemFailure(result)
      const view = splitView({ title, network, result, names: namesOf(name ?? modelName(title), stages, isDryRun) })
      if (result.fault && !isDryRun) throw differs(view)
      const pushed = isDryRun ? undefined : await pushStages(view, result.stages, session)
      session.print({
        json: { ...view, dryRun: isDryRun, ...(pushed && { pushed }) },
        text: () => splitText(view, pushed, session.style),
      })
    } finally {
      await rm(outFolder, { recursive: true, force: true })
    }
  },
})

/** A megabit a second is an eighth of a byte a microsecond. */
const BITS = 8

/** A file has a path, of which the name of the model is a part. */
const modelName = (title: string) =>
  title
    .replace(/:\d+$/, '')
    .replace(/^.*[/\\]/, '')
    .replace(/\.onnx$/i, '')

function namesOf(name: string, stages: number, isDryRun: boolean): string[] {
  const names = Array.from({ length: stages }, (_, at) => `${name}-${at + 1}`)
  const wrong = isDryRun ? undefined : names.find((each) => !Name.safeParse(each).success)
  if (wrong !== undefined) throw wrongUsage(`${wrong} cannot be the name of a stage`, 'give a shorter one with --name')
  return names
}

const differs = ({ model, fault }: SplitView) =>
  problemFailure({
    code: 'golden_reference_differs',
    message: `the stages of ${model} do not answer as the whole, and nothing was pushed: output ${fault?.output} differs; choose another number of stages`,
  })

type MadeStage = { path: string; sizeBytes: number; golden?: Parameters<Client['model']['push']>[0]['golden'] }
type Client = Awaited<ReturnType<Session['hub']>>['client']

/** Stages that were pushed before are found again: the same bytes change nothing. */
async function pushStages(view: SplitView, made: readonly MadeStage[], session: Session): Promise<PushedStage[]> {
  const { client, connection } = await session.hub()
  const { signal } = session
  const [parent = '', version = ''] = view.model.split(':')
  const pushed: PushedStage[] = []
  for (const [at, { path, sizeBytes, golden }] of made.entries()) {
    const stage = view.stages[at]
    if (!stage) throw new Error('a stage has no row')
    const [file] = await hashAll([{ path: MODEL_PATH, localPath: path, sizeBytes }], session)
    if (!file) throw new Error('the stage was not hashed')
    await uploadFile(connection, file, session)
    const notes = `stage ${at + 1} of ${made.length}: ${stage.nodes} nodes; takes ${stage.inputs.map(nameOf).join(', ')}; gives ${stage.outputs.map(nameOf).join(', ')}`
    const reply = await client.model.push(
      {
        name: stage.name,
        files: [{ path: MODEL_PATH, digest: file.digest }],
        ...(golden && golden.cases.length > 0 && { golden }),
        labels: { stage: `${at + 1}-of-${made.length}` },
        lineage: { parents: [{ name: parent, version }], tool: 'skerry model split', notes: notes.slice(0, NOTES_MAX) },
      },
      { signal },
    )
    pushed.push({
      name: stage.name,
      version: reply.version.version,
      digest: reply.version.digest,
      created: reply.created,
    })
  }
  return pushed
}

/** [contract, lineage] */
const NOTES_MAX = 2_000

const nameOf = ({ name }: { name: string }) => name
