import type { GoldenSpecs } from '@skerry/client/golden-cases/golden-reading'
import type { Tolerance } from '@skerry/contract/devices/golden'
import type { HostedRuntime } from '@skerry/contract/models/hosted-model'
import type { PushRequest } from '@skerry/contract/models/model'
import { Name } from '@skerry/contract/values/names'
import { asIs, command, fits, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { parseLabel, parseModelReference, parseTolerance } from '../../program/values.ts'
import { type AdapterBase, readBase } from './files/adapter-base.ts'
import { readSignature } from './files/bundle-file.ts'
import { isGguf } from './files/gguf-name.ts'
import { type GoldenSource, goldenNotes, parseGoldenSource, readGolden } from './files/golden-file.ts'
import { type FoundFile, nameOfFile } from './files/model-files.ts'
import { lineageOf, lineageOptions, parseParent } from './lineage-options.ts'
import { dryRunPush, PUSH_DRY_RUN } from './push-dry-run.ts'
import { pushedText } from './pushed/pushed-text.ts'
import { hashAll, uploadFile } from './pushed/send-files.ts'

export const pushModel = command({
  name: 'model push',
  summary:
    'Push a model as a new version: an ONNX or GGUF file, served.json, chat.json, or files of another engine; the same bytes change nothing',
  details:
    'The command finds weight files beside the model. The hub runs the golden inputs, and so does every device before it serves ' +
    'the version. They are { "inputs": { "INPUT": [case, ...] }, "outputs": { "OUTPUT": [case, ...] } } or ' +
    '[{ "inputs": { "INPUT": case }, "outputs": { "OUTPUT": case } }, ...] in JSON, a file of np.savez with the names of the tensors, ' +
    'or raw bytes for each tensor. Outputs are what the framework answered, and may be left out. The hub rejects a version whose answers ' +
    'differ from them, and devices compare with them. A language model (GGUF, experimental) has golden prompts instead: ' +
    '[{ "prompt": "...", "answer": "beginning of the answer", "maxTokens": 48 }, ...]. A JSON file declares a model that an app on the device ' +
    'answers for; its golden cases need all outputs. With --runtime, one file or a folder goes to the server of an app, such as a TensorRT ' +
    'plan or a SavedModel. Labels and lineage never change: if the same bytes were pushed before, the command ' +
    'shows what was not recorded.',
  examples: [
    'skerry model push model.onnx --name anomaly --golden golden.json --alias champion',
    'skerry model push model.onnx --name anomaly --golden golden.json --dry-run',
    'skerry model push model.onnx --name anomaly --golden golden.npz',
    'skerry model push reader.onnx --golden x=case.bin --golden y=expected.bin --tolerance-abs 0.001 --label run=1234',
    'skerry model push assistant.gguf --name assistant --settings language.json --golden prompts.json',
    'skerry model push adapter.gguf --name assistant-pumps --base assistant:1 --golden prompts.json',
    'skerry model push served.json --name digits --golden golden.json',
    'skerry model push chat.json --name assistant --golden prompts.json',
    'skerry model push ./digits --runtime triton:3 --tensors tensors.json --golden golden.json',
    'skerry model push tuned.onnx --parent anomaly:3 --source https://git.example/anomaly --commit 4f2c1e --dataset s3://plant/2026-11',
  ],
  arguments: {
    file: required('<file>', 'the ONNX or GGUF file, served.json or chat.json; a file or folder with --runtime', asIs),
  },
  options: {
    name: value('--name <name>', 'name of the model; from the name of the file by default', fits(Name)),
    golden: list(
      '--golden <file>',
      'golden inputs and expected outputs: FILE.json, FILE.npz, or NAME=FILE.bin',
      parseGoldenSource,
    ),
    settings: value('--settings <file>', 'settings of a language model: context, instructions, schema', asIs),
    base: value('--base <version>', 'version of the language model that a LoRA adapter changes', parseParent),
    runtime: value(
      '--runtime <app>',
      'app whose server loads the files: APP, or APP:VERSION for one release',
      parseRuntime,
    ),
    tensors: value('--tensors <file>', 'inputs and outputs of files with --runtime, in JSON', asIs),
    absolute: value(
      '--tolerance-abs <number>',
      'allowed absolute difference of an output from its reference',
      parseTolerance,
    ),
    relative: value('--tolerance-rel <number>', 'allowed difference as a share of the reference', parseTolerance),
    aliases: list('--alias <alias>', 'alias to set to the version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the version', parseLabel),
    signatures: list('--signature <file>', "a publisher's signature over the pushed files", asIs),
    ...lineageOptions,
    isDryRun: PUSH_DRY_RUN,
  },
  async run(input, session) {
    refuseCases(input.file)
    const lineage = lineageOf({ ...input, parents: input.base ? [input.base, ...input.parents] : input.parents })
    const signatures = await Promise.all(input.signatures.map(readSignature))
    const hub = await session.hub()
    const { client, connection } = hub
    const name = input.name ?? nameOfFile(input.file)
    const base = input.base && (await readBase(hub, input.base, session.signal))
    const local = await filesOf({ ...input, base }, session)
    const { golden } = local
    const hashed = await hashAll(local.files, session)
    const files = [...(base ? [base.model] : []), ...hashed]
    const labels = Object.fromEntries(input.labels)
    const wanted = { name, ...golden, ...lineage, labels, aliases: input.aliases }
    if (input.isDryRun) return dryRunPush(hub, { ...wanted, files, path: input.file }, session)
    for (const file of hashed) await uploadFile(connection, file, session)
    const reply = await client.model.push(
      {
        ...wanted,
        files: files.map(({ path, digest }) => ({ path, digest })),
        ...(signatures.length > 0 && { signatures }),
      },
      { signal: session.signal },
    )
    session.print({ json: reply, text: () => pushedText(reply, WORDS, session.style) })
  },
})

type LocalInput = GoldenOptions & {
  file: string
  settings: string | undefined
  base: AdapterBase | undefined
  runtime: HostedRuntime | undefined
  tensors: string | undefined
}
type LocalFiles = { files: readonly FoundFile[]; golden: Pick<PushRequest, 'golden'> }

const filesOf = ({ file, ...rest }: LocalInput, session: Session): Promise<LocalFiles> => {
  const input = { ...rest, file }
  if (input.base && !isGguf(file)) throw wrongUsage('--base is for LoRA adapters', 'push a GGUF file with it')
  if (input.runtime) return hostedFiles(input, input.runtime, session)
  if (input.tensors !== undefined) throw wrongUsage('--tensors is for files of another engine', 'give --runtime, too')
  if (isGguf(file)) return languageFiles(input, session)
  return /\.json$/i.test(file) ? servedFiles(input, session) : onnxFiles(input, session)
}

async function hostedFiles(input: LocalInput, runtime: HostedRuntime, session: Session): Promise<LocalFiles> {
  const { file, tensors, settings } = input
  if (tensors === undefined)
    throw wrongUsage('the files do not state their tensors', 'give a JSON file with inputs and outputs by --tensors')
  if (settings !== undefined) throw wrongUsage('--settings is for language models', 'push a GGUF file with it')
  const { readLocalHosted } = await import('./files/local-hosted.ts')
  const { files, hosted } = await readLocalHosted({ path: file, runtime, tensors })
  return { files, golden: await goldenOf(input, hosted, session) }
}

async function servedFiles(input: LocalInput, session: Session): Promise<LocalFiles> {
  const { isLocalChat, readLocalChat } = await import('./files/local-chat.ts')
  if (await isLocalChat(input.file)) {
    return { files: await readLocalChat(input.file), golden: await promptsIn(input, session) }
  }
  const { readLocalServed } = await import('./files/local-served.ts')
  const { files, served } = await readLocalServed(input.file)
  return { files, golden: await goldenOf(input, served, session) }
}

async function onnxFiles(input: LocalInput, session: Session): Promise<LocalFiles> {
  if (input.settings !== undefined) throw wrongUsage('--settings is for language models', 'push a GGUF file with it')
  // ONNX needs a library that would slow the start of every other command.
  const { readLocalModel } = await import('./files/local-model.ts')
  const { files, summary } = await readLocalModel(input.file)
  return { files, golden: await goldenOf(input, summary, session) }
}

async function languageFiles({ file, settings, golden, base }: LocalInput, session: Session): Promise<LocalFiles> {
  const { readLocalAdapter, readLocalLanguage } = await import('./files/local-language.ts')
  const files = await (base ? readLocalAdapter(file, settings, base.settings) : readLocalLanguage(file, settings))
  return { files, golden: await promptsIn({ golden }, session) }
}

async function promptsIn({ golden }: Pick<LocalInput, 'golden'>, session: Session): Promise<LocalFiles['golden']> {
  if (golden.length > 0) {
    const { readPrompts } = await import('./files/local-language.ts')
    return { golden: await readPrompts(golden) }
  }
  session.note('no golden prompts: devices cannot compare their answers')
  return {}
}

/** A release is immutable, so an alias cannot name it. */
function parseRuntime(text: string): HostedRuntime {
  const { name: app, version } = parseModelReference(text)
  if (version === undefined) return { app }
  if (/^[1-9][0-9]{0,8}$/.test(version)) return { app, version: Number(version) }
  throw new TypeError('must be APP or APP:NUMBER')
}

/** The cases of a model are easily given in its place. */
function refuseCases(file: string): void {
  if (/\.npz$/i.test(file))
    throw wrongUsage(
      `${file} holds tensors, not a model`,
      `give it with --golden: "skerry model push MODEL.onnx --golden ${file}"`,
    )
}

const WORDS = { same: 'has the same files already', golden: 'golden case' }

type GoldenOptions = { golden: readonly GoldenSource[]; absolute: number | undefined; relative: number | undefined }

async function goldenOf({ golden: sources, absolute, relative }: GoldenOptions, specs: GoldenSpecs, session: Session) {
  const isTolerant = absolute !== undefined || relative !== undefined
  if (sources.length === 0) {
    if (isTolerant) throw wrongUsage('a tolerance needs golden inputs', 'give them with --golden')
    session.note('no golden inputs: devices cannot compare their answers')
    return {}
  }
  const tolerance: Tolerance | undefined = isTolerant ? { absolute: absolute ?? 0, relative: relative ?? 0 } : undefined
  const read = await readGolden(sources, specs, tolerance)
  for (const note of goldenNotes(read)) session.note(note)
  return { golden: read.golden }
}
