import { stat } from 'node:fs/promises'
import type { LineageSpec } from '@skerry/contract/models/model'
import { Name } from '@skerry/contract/values/names'
import { refuseHostileFile } from '@skerry/platform/imports/hostile'
import type { Imported, ImportOptions } from '@skerry/platform/imports/import-host'
import { asIs, command, fits, list, required, value } from '../../../program/command.ts'
import { fail, wrongUsage } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import { parseLabel, parseTolerance } from '../../../program/values.ts'
import { goldenNotes, parseGoldenSource, readGolden } from '../files/golden-file.ts'
import { nameOfFile } from '../files/model-files.ts'
import { dryRunPush, PUSH_DRY_RUN } from '../push-dry-run.ts'
import { pushedText } from '../pushed/pushed-text.ts'
import { hashAll, uploadFile } from '../pushed/send-files.ts'
import { tellProblems } from './session-host.ts'
import { importSources } from './sources.ts'

export const importModel = command({
  name: 'model import',
  summary:
    'Import a model from a URL, MLflow, an OCI registry, a model repository of Triton, or a folder of Hugging Face',
  details:
    'An address of https is fetched with its weight files; an interrupted transfer continues when you run the command again. HTTPS_PROXY and NO_PROXY count. ' +
    'An artefact of a registry is one of ModelPack, or one that "oras push" made of an ONNX file. ' +
    'MLFLOW_TRACKING_URI names the server of MLflow. ' +
    'A folder with config.pbtxt is a model of Triton, whose newest version is taken, and a folder with config.json one of Hugging Face. ' +
    'The command opens no pickles and no archives, and follows no links out of a folder. The version states its origin in its lineage.',
  examples: [
    'skerry model import https://models.example/anomaly.onnx --digest sha256:... --name anomaly',
    'skerry model import https://models.example/anomaly.onnx --token-file token.txt --ca company.pem',
    'skerry model import models:/anomaly@champion --token-file token.txt',
    'skerry model import oci://registry.example/plant/anomaly:1 --token-file login.txt',
    'skerry model import repository/anomaly --golden golden.json',
    'skerry model import distilbert --file onnx/model_quantized.onnx --dry-run',
  ],
  arguments: { place: required('<source>', 'address of an ONNX file, or a folder', asIs) },
  options: {
    name: value('--name <name>', 'name of the model; the source names it by default', fits(Name)),
    file: value(
      '--file <name>',
      'the ONNX file in a folder of Hugging Face, or the version of a model of Triton',
      asIs,
    ),
    digests: list('--digest <digest>', 'sha256:... of the model, or PATH=sha256:... of a weight file', parseDigest),
    token: value(
      '--token-file <file>',
      'file with the token that the server wants; USER:PASSWORD for a registry',
      asIs,
    ),
    server: value('--server <url>', 'the server of MLflow; MLFLOW_TRACKING_URI by default', asIs),
    authority: value('--ca <file>', 'certificate of an authority that the server uses, PEM', asIs),
    golden: list('--golden <file>', 'golden inputs and expected outputs, as for "model push"', parseGoldenSource),
    absolute: value('--tolerance-abs <number>', 'allowed absolute difference of an output', parseTolerance),
    relative: value('--tolerance-rel <number>', 'allowed difference as a share of the reference', parseTolerance),
    aliases: list('--alias <alias>', 'alias to set to the version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the version', parseLabel),
    isDryRun: PUSH_DRY_RUN,
  },
  async run(input, session) {
    const hub = await session.hub()
    const options = await optionsOf(input)
    const source = await sourceOf(input.place)
    await using imported = await tellProblems(() => source.open(input.place, options, session))
    await tellProblems(() => refuseHostileFile(imported.modelPath))
    for (const remark of imported.remarks) session.note(remark)
    // ONNX needs a library that would slow the start of every other command.
    const { readLocalModel } = await import('../files/local-model.ts')
    const { files: found, summary } = await readLocalModel(imported.modelPath)
    const tolerance = { absolute: input.absolute ?? 0, relative: input.relative ?? 0 }
    const isTolerant = input.absolute !== undefined || input.relative !== undefined
    const golden =
      input.golden.length === 0
        ? undefined
        : await readGolden(input.golden, summary, isTolerant ? tolerance : undefined)
    for (const note of golden ? goldenNotes(golden) : ['no golden inputs: devices cannot compare their answers'])
      session.note(note)
    const files = await hashAll(found, session)
    const wanted = {
      name: input.name ?? nameOfFile(`${imported.name ?? ''}.onnx`),
      ...(golden && { golden: golden.golden }),
      lineage: lineageOf(imported),
      labels: { ...imported.labels, ...Object.fromEntries(input.labels) },
      aliases: input.aliases,
    }
    if (input.isDryRun) return dryRunPush(hub, { ...wanted, files, path: imported.modelPath }, session)
    for (const file of files) await uploadFile(hub.connection, file, session)
    const reply = await hub.client.model.push(
      { ...wanted, files: files.map(({ path, digest }) => ({ path, digest })) },
      { signal: session.signal },
    )
    await imported.forget()
    session.print({ json: reply, text: () => pushedText(reply, WORDS, session.style) })
  },
})

const WORDS = { same: 'has the same files already', golden: 'golden case' }

async function sourceOf(place: string) {
  for (const source of importSources) if (await source.recognises(place)) return source
  const found = await stat(place).catch(() => undefined)
  if (!found) throw fail('file_unreadable', `cannot read ${place}: there is no such file, folder or address`)
  if (found.isFile()) throw wrongUsage(`${place} is a file`, `push it: "skerry model push ${place}"`)
  throw fail('import_refused', `${place} has neither config.pbtxt nor config.json`, {
    next: 'give a model folder of Triton, a folder in the layout of Hugging Face, or push the ONNX file itself',
  })
}

const lineageOf = ({ uri, notes }: Imported): LineageSpec => ({
  parents: [],
  tool: 'skerry model import',
  notes,
  ...(uri !== undefined && { source: { uri } }),
})

type OptionInput = {
  digests: readonly (readonly [string, string])[]
  token: string | undefined
  authority: string | undefined
  server: string | undefined
  file: string | undefined
}

async function optionsOf({ digests, token, authority, server, file }: OptionInput): Promise<ImportOptions> {
  if (file?.split(/[/\\]/).includes('..')) throw wrongUsage('--file leads out of the folder', 'name a file below it')
  return {
    digests: new Map(digests),
    token: token === undefined ? undefined : (await readText(token)).trim(),
    server,
    authorities: authority === undefined ? undefined : await readText(authority),
    file,
  }
}

function parseDigest(text: string): readonly [string, string] {
  const [, path = '', digest = ''] = /^(?:(.+)=)?(sha256:[0-9a-f]{64})$/.exec(text) ?? []
  if (digest === '') throw new Error('must be sha256: and 64 lower-case hex digits, after PATH= for a weight file')
  return [path, digest]
}
