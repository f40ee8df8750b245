/** Triton source: a model of a model repository of the Triton Inference Server: config.pbtxt, and a folder a version. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { refuseEscapes, refuseHostileFile } from '@skerry/platform/imports/hostile'
import type { Imported } from '@skerry/platform/imports/import-host'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import { type ImportSource, inPlace } from './import-source.ts'
import { type ProtoMessage, type ProtoValue, parseTextProto } from './text-proto.ts'

const CONFIG = 'config.pbtxt'

/** Configurations of large ensembles have some ten kilobytes. */
const CONFIG_BYTES_MAX = 1024 * 1024

/** Settings of the server that a deployment states in its own way. */
const NOT_TAKEN = [
  'dynamic_batching',
  'sequence_batching',
  'instance_group',
  'optimization',
  'model_warmup',
  'parameters',
]

export const tritonSource: ImportSource = {
  name: 'Triton',
  recognises: async (place) => (await isFile(join(place, CONFIG))) || (await modelsIn(place)).length > 0,
  async open(place, { file }): Promise<Imported> {
    if (!(await isFile(join(place, CONFIG)))) throw severalModels(place, await modelsIn(place))
    const config = await readConfig(join(place, CONFIG))
    refusePlatform(place, config)
    const version = file ?? (await chooseVersion(place, config))
    const modelPath = join(place, version, textOf(config, 'default_model_filename') ?? 'model.onnx')
    await refuseEscapes(place, [modelPath])
    await refuseHostileFile(modelPath)
    const { readLocalModel } = await import('../files/local-model.ts')
    const { summary } = await readLocalModel(modelPath)
    refuseOtherTensors(config, summary)
    const dropped = NOT_TAKEN.filter((field) => config[field] !== undefined)
    return {
      ...inPlace,
      modelPath,
      name: textOf(config, 'name') ?? basename(resolve(place)),
      notes: `version ${version} of a model repository of Triton`,
      uri: undefined,
      labels: { 'imported-from': 'triton', 'triton-version': version },
      remarks:
        dropped.length === 0
          ? []
          : [`not taken from ${CONFIG}: ${dropped.join(', ')}; a deployment states how to serve`],
    }
  },
}

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() === true

/** The models of a whole repository. */
async function modelsIn(place: string): Promise<string[]> {
  const entries = await readdir(place, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const found = await Promise.all(names.map((name) => isFile(join(place, name, CONFIG))))
  return names.filter((_, at) => found[at])
}

const severalModels = (place: string, names: readonly string[]) =>
  fail('import_refused', `${place} is a whole repository with the models ${names.join(', ')}`, {
    next: `import one after the other, such as "skerry model import ${join(place, names[0] ?? '')}"`,
  })

async function readConfig(path: string): Promise<ProtoMessage> {
  const { size } = await stat(path)
  if (size > CONFIG_BYTES_MAX) throw fail('import_refused', `${path} has ${size} bytes, which no configuration has`)
  const parsed = parseTextProto(await readText(path))
  if (!parsed.ok) throw fail('file_invalid', `${path}: ${parsed.message}`)
  return parsed.message
}

function textOf(message: ProtoMessage, field: string): string | undefined {
  const value = message[field]?.at(-1)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function refusePlatform(place: string, config: ProtoMessage): void {
  const backend = textOf(config, 'backend') ?? textOf(config, 'platform')
  if (config.ensemble_scheduling)
    throw fail('import_refused', `${place} is an ensemble of other models`, {
      next: 'import its models, and connect them in a flow ("skerry flow push")',
    })
  if (backend !== undefined && !['onnxruntime', 'onnxruntime_onnx'].includes(backend))
    throw fail('import_refused', `${place} is a model for ${backend}, and devices run ONNX`, {
      next: 'export the model to ONNX where it was trained; an engine of TensorRT fits one kind of GPU only',
    })
}

/** The policy of the repository counts: the newest version, or the newest of those that it names. */
async function chooseVersion(place: string, config: ProtoMessage): Promise<string> {
  const entries = await readdir(place, { withFileTypes: true })
  const numbers = entries
    .filter((entry) => entry.isDirectory() && /^[1-9]\d{0,8}$/.test(entry.name))
    .map(({ name }) => Number(name))
  const policy = messageIn(config.version_policy)
  const named = messageIn(policy?.specific)?.versions?.filter((value) => typeof value === 'number')
  const allowed = named ? numbers.filter((number) => named.includes(number)) : numbers
  if (allowed.length === 0)
    throw fail('import_refused', `${place} has no version${named ? ` of ${named.join(', ')}` : ''}`, {
      next: 'a version is a folder with a number that holds model.onnx',
    })
  return String(Math.max(...allowed))
}

const messageIn = (values: readonly ProtoValue[] | undefined): ProtoMessage | undefined =>
  values?.find((value): value is ProtoMessage => typeof value === 'object')

/** A configuration of other tensors belongs to another file. */
function refuseOtherTensors(config: ProtoMessage, summary: ModelSummary): void {
  const hasBatch = Number(config.max_batch_size?.at(-1) ?? 0) > 0
  for (const [field, specs] of [
    ['input', summary.inputs],
    ['output', summary.outputs],
  ] as const)
    for (const value of config[field] ?? []) {
      if (typeof value !== 'object') continue
      const problem = tensorProblem(value, { specs, hasBatch, summary })
      if (problem !== undefined)
        throw fail('import_refused', `${CONFIG} names the ${field} ${textOf(value, 'name') ?? ''}, but ${problem}`, {
          next: 'correct the configuration, or put the right file into the folder of the version',
        })
    }
}

type Tensors = { specs: readonly TensorSpec[]; hasBatch: boolean; summary: ModelSummary }

function tensorProblem(stated: ProtoMessage, { specs, hasBatch, summary }: Tensors): string | undefined {
  const spec = specs.find(({ name }) => name === textOf(stated, 'name'))
  if (!spec) return `the model has ${specs.map(({ name }) => name).join(', ') || 'none'}`
  const type = String(stated.data_type?.at(-1) ?? '').replace(/^TYPE_/, '')
  const datatype = type === 'STRING' ? 'BYTES' : type
  if (datatype !== '' && datatype !== spec.datatype) return `the model has ${spec.datatype} there, and not ${datatype}`
  // A reshape gives the model another shape than the caller; the runtime alone knows some shapes.
  if (stated.reshape || summary.unrankedOutputs.includes(spec.name) || !stated.dims) return undefined
  const dims = [...(hasBatch ? [-1] : []), ...stated.dims.map(Number)]
  const fits = dims.length === spec.shape.length && dims.every((dim, at) => fitsSize(dim, spec.shape[at] ?? -1))
  return fits ? undefined : `the model has the shape [${spec.shape.join(', ')}] there, and not [${dims.join(', ')}]`
}

const fitsSize = (stated: number, own: number): boolean => stated === -1 || own === -1 || stated === own
