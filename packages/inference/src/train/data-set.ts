/**
 * Data set: labelled rows in a folder of the device, as an IDX pair (the format of MNIST) or as two `.npy` files. Rows are
 * read by the process that trains, and by nothing else.
 */
import { createReadStream } from 'node:fs'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type DataType = 'uint8' | 'float32'

export type DataSetFacts = {
  rows: number
  type: DataType
  /** One row. */
  shape: number[]
  /** One more than the largest label; 0 if the labels are numbers that are no classes. */
  classes: number
  /** The numbers of a row, as a shape. Absent if the labels are whole numbers, one for each row. */
  targets?: number[]
}

export type DataSet = DataSetFacts & {
  data: Uint8Array | Float32Array
  /** Numbers if the set has targets. */
  labels: BigInt64Array | Float32Array
  /** 1 for each row that is held out of a training. Absent if the place of a row decides it. */
  held?: Uint8Array
}

export type DataSetResult<Value> = { ok: true; value: Value } | { ok: false; message: string }

/** The ends of the names of both files, in the order in which they are tried. */
const PAIRS = [
  { data: 'data.npy', labels: 'labels.npy' },
  { data: 'images.idx', labels: 'labels.idx' },
  { data: '-images-idx3-ubyte', labels: '-labels-idx1-ubyte' },
] as const

/** An IDX header has at most 4 + 4 · 255 bytes, and numpy writes some hundred. */
const HEADER_MAX = 4_096

type Header = { type: DataType | 'int64' | 'int32'; shape: number[]; start: number }

type Pair = { data: string; labels: string }

/** The facts of a folder, from the headers and the labels alone. */
export async function describeDataSet(folder: string): Promise<DataSetResult<DataSetFacts>> {
  const pair = await findPair(folder)
  if (!pair.ok) return pair
  const [header, labels] = [await readHeader(pair.value.data), await readLabels(pair.value.labels)]
  if (!header.ok) return header
  return labels.ok ? factsOf(header.value, labels.value) : labels
}

/** All rows, in memory. */
export async function readDataSet(folder: string): Promise<DataSetResult<DataSet>> {
  const pair = await findPair(folder)
  if (!pair.ok) return pair
  const [header, labels] = [await readHeader(pair.value.data), await readLabels(pair.value.labels)]
  if (!header.ok) return header
  if (!labels.ok) return labels
  const facts = factsOf(header.value, labels.value)
  if (!facts.ok) return facts
  const { start } = header.value
  const elements = facts.value.rows * facts.value.shape.reduce((a, b) => a * b, 1)
  const bytes = new Uint8Array(elements * (facts.value.type === 'uint8' ? 1 : 4))
  let at = 0
  for await (const chunk of createReadStream(pair.value.data, { start }) as AsyncIterable<Uint8Array>) {
    if (at + chunk.byteLength > bytes.byteLength) break
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  if (at !== bytes.byteLength) return refuse('the file of the rows is not as long as its header says')
  const data = facts.value.type === 'uint8' ? bytes : new Float32Array(bytes.buffer)
  return { ok: true, value: { ...facts.value, data, labels: labels.value.values } }
}

async function findPair(folder: string): Promise<DataSetResult<Pair>> {
  const names = await readdir(folder).catch(() => undefined)
  if (!names) return refuse(`the folder ${folder} cannot be read`)
  for (const pair of PAIRS) {
    const data = names.find((name) => name.endsWith(pair.data))
    const labels = names.find((name) => name.endsWith(pair.labels))
    if (data !== undefined && labels !== undefined)
      return { ok: true, value: { data: join(folder, data), labels: join(folder, labels) } }
  }
  return refuse(`the folder ${folder} has neither data.npy and labels.npy, nor an IDX pair`)
}

async function readHeader(path: string): Promise<DataSetResult<Header>> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_MAX), 0, HEADER_MAX, 0)
    return headerOf(buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

function headerOf(bytes: Buffer): DataSetResult<Header> {
  if (bytes.subarray(0, 6).toString('latin1') === '\x93NUMPY') return npyHeader(bytes)
  return idxHeader(bytes)
}

/** [yann.lecun.com/exdb/mnist] Two zeros, the type, the number of dimensions, and each size as a big-endian number. */
function idxHeader(bytes: Buffer): DataSetResult<Header> {
  const dimensions = bytes[3] ?? 0
  if (bytes.length < 4 + 4 * dimensions || bytes.readUInt16BE(0) !== 0 || bytes[2] !== 8)
    return refuse('the file is neither .npy nor IDX of unsigned bytes')
  const shape = Array.from({ length: dimensions }, (_, at) => bytes.readUInt32BE(4 + 4 * at))
  return { ok: true, value: { type: 'uint8', shape, start: 4 + 4 * dimensions } }
}

const NPY_TYPES: Readonly<Record<string, Header['type']>> = {
  '|u1': 'uint8',
  '<f4': 'float32',
  '<i8': 'int64',
  '<i4': 'int32',
}

/** [numpy/lib/_format_impl.py] */
function npyHeader(bytes: Buffer): DataSetResult<Header> {
  const isFirst = bytes[6] === 1
  const start = isFirst ? 10 + bytes.readUInt16LE(8) : 12 + bytes.readUInt32LE(8)
  const text = bytes.subarray(isFirst ? 10 : 12, start).toString('latin1')
  const [, descr = ''] = /'descr':\s*'([^']+)'/.exec(text) ?? []
  const [, sizes] = /'shape':\s*\(([^)]*)\)/.exec(text) ?? []
  const type = NPY_TYPES[descr]
  if (sizes === undefined || start > bytes.length) return refuse('the .npy file has no header that can be read')
  if (!type) return refuse(`the .npy file has values of the type ${descr}; save them as uint8, float32 or int64`)
  if (text.includes("'fortran_order': True")) return refuse('the .npy file is in Fortran order; save it in C order')
  const shape = sizes.split(',').filter((size) => size.trim() !== '')
  return { ok: true, value: { type, shape: shape.map(Number), start } }
}

type Labels = { rows: number; values: BigInt64Array } | { rows: number; values: Float32Array; targets: number[] }

/** [contract, CampaignData] A hub declares fewer numbers of one row. */
const TARGET_ELEMENTS_MAX = 65_536

async function readLabels(path: string): Promise<DataSetResult<Labels>> {
  const bytes = await readFile(path)
  const header = headerOf(bytes)
  if (!header.ok) return header
  const { type, shape, start } = header.value
  const [rows = 0, ...rest] = shape
  const each = rest.reduce((a, b) => a * b, 1)
  const width = type === 'uint8' ? 1 : type === 'int64' ? 8 : 4
  if (each > TARGET_ELEMENTS_MAX) return refuse(`a row has ${each} labels, and ${TARGET_ELEMENTS_MAX} are the limit`)
  if (shape.length === 0 || bytes.length < start + rows * each * width)
    return refuse('the file of the labels is not as long as its header says')
  const body = bytes.subarray(start)
  if (type === 'float32' || rest.length > 0)
    return targetsOf({ rows, targets: rest.length > 0 ? rest : [1], each, numberAt: numberIn(body, type) })
  const values = BigInt64Array.from({ length: rows }, (_, row) => wholeIn(body, type)(row))
  const isNegative = values.some((label) => label < 0n)
  return isNegative
    ? refuse('a label is below 0; save numbers that are no classes as float32')
    : { ok: true, value: { rows, values } }
}

const wholeIn = (body: Buffer, type: Header['type']) => (at: number) => {
  if (type === 'uint8') return BigInt(body[at] ?? 0)
  return type === 'int64' ? body.readBigInt64LE(at * 8) : BigInt(body.readInt32LE(at * 4))
}

const numberIn = (body: Buffer, type: Header['type']) => (at: number) =>
  type === 'float32' ? body.readFloatLE(at * 4) : Number(wholeIn(body, type)(at))

type Targets = { rows: number; targets: number[]; each: number; numberAt: (at: number) => number }

function targetsOf({ rows, targets, each, numberAt }: Targets): DataSetResult<Labels> {
  const values = Float32Array.from({ length: rows * each }, (_, at) => numberAt(at))
  const wrong = values.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0) return refuse(`a label of row ${Math.floor(wrong / each)} is NaN or infinite; remove the row`)
  return { ok: true, value: { rows, values, targets } }
}

function factsOf({ type, shape }: Header, labels: Labels): DataSetResult<DataSetFacts> {
  const [rows = 0, ...row] = shape
  if (type !== 'uint8' && type !== 'float32') return refuse('the rows must be uint8 or float32')
  if (row.length === 0) return refuse('the rows need at least two dimensions: their number, and that of the features')
  if (rows !== labels.rows) return refuse(`there are ${rows} rows and ${labels.rows} labels`)
  if ('targets' in labels) return { ok: true, value: { rows, type, shape: row, classes: 0, targets: labels.targets } }
  let largest = -1n
  for (const label of labels.values) if (label > largest) largest = label
  return { ok: true, value: { rows, type, shape: row, classes: Number(largest) + 1 } }
}

const refuse = (message: string) => ({ ok: false as const, message })
