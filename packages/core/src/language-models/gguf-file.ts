/**
 * GGUF file: reads the values and the list of tensors of a GGUF file before any native code sees it. Pure. A header is
 * hostile until proven otherwise: each count has a limit, and each tensor must lie inside the file without an overlap.
 */
import { createGgufReader, GgufIncomplete, GgufInvalid, type GgufReader, type GgufValue } from './gguf-reader.ts'
import { WEIGHT_TYPES, type WeightType } from './weight-types.ts'

/** Most headers have some megabytes. */
const HEADER_BYTES_FIRST = 2 * 1024 * 1024

/** A vocabulary of 262,144 tokens with its merges takes some 12 MB. */
export const HEADER_BYTES_MAX = 64 * 1024 * 1024

/** Files have some dozens of values. */
const VALUES_MAX = 1_024

/** 128 blocks of experts have some thousands. */
const TENSORS_MAX = 16_384

const KEY_BYTES_MAX = 256
const NAME_BYTES_MAX = 128
const DIMENSIONS_MAX = 4

/** The architectures of llama.cpp have short plain names. */
const ARCHITECTURE = /^[a-z][a-z0-9_-]{0,31}$/

export type GgufRead<Value> =
  | { ok: true; value: Value }
  /** `gguf_incomplete`: the bytes end inside the header. More bytes of the same file may be read. */
  | { ok: false; code: 'gguf_invalid' | 'gguf_incomplete'; message: string }

export type GgufDecision<Value> = { ok: true; value: Value } | { ok: false; code: 'gguf_invalid'; message: string }

/** The header of a file. `shape` has the length of a row first, as in the file. */
export type GgufFile = { values: ReadonlyMap<string, GgufValue>; tensors: readonly GgufTensor[] }

export type GgufTensor = {
  name: string
  shape: readonly number[]
  elements: number
  type: WeightType
  offset: number
  sizeBytes: number
}

/**
 * Reads the header, and from it the value. `bytes`: the first bytes of the file. `fileBytes`: the size of the file.
 * `interpret` throws `GgufInvalid`.
 */
export function readGguf<Value>(
  bytes: Uint8Array,
  fileBytes: number,
  interpret: (file: GgufFile) => Value,
): GgufRead<Value> {
  try {
    const file = read(createGgufReader(bytes.subarray(0, HEADER_BYTES_MAX)), fileBytes)
    return { ok: true, value: interpret(file) }
  } catch (error) {
    if (error instanceof GgufInvalid) return { ok: false, code: 'gguf_invalid', message: error.message }
    if (!(error instanceof GgufIncomplete)) throw error
    if (bytes.byteLength >= Math.min(fileBytes, HEADER_BYTES_MAX)) {
      return { ok: false, code: 'gguf_invalid', message: 'the file ends inside its header' }
    }
    return { ok: false, code: 'gguf_incomplete', message: error.message }
  }
}

/** `GGUF`, read as a number. */
const MAGIC = 0x46554747

function read(reader: GgufReader, fileBytes: number): GgufFile {
  if (reader.u32() !== MAGIC) throw new GgufInvalid('the file does not begin with GGUF')
  const version = reader.u32()
  if (version !== 2 && version !== 3) throw new GgufInvalid(`GGUF has version ${version}; versions 2 and 3 are read`)
  const tensorCount = countIn(reader.u64(), TENSORS_MAX, 'tensors')
  const valueCount = countIn(reader.u64(), VALUES_MAX, 'values')
  const values = readValues(reader, valueCount)
  const alignment = values.get('general.alignment') ?? 32
  if (typeof alignment !== 'number' || ![8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096].includes(alignment)) {
    throw new GgufInvalid('the alignment is no power of two between 8 and 4,096')
  }
  const tensors = readTensors(reader, tensorCount, alignment)
  const dataAt = Math.ceil(reader.at / alignment) * alignment
  checkPlaces(tensors, fileBytes - dataAt)
  return { values, tensors }
}

function countIn(count: number, max: number, what: string): number {
  if (count < 1 || count > max) throw new GgufInvalid(`the header has ${count} ${what}, and 1 to ${max} are read`)
  return count
}

function readValues(reader: GgufReader, count: number): Map<string, GgufValue> {
  const values = new Map<string, GgufValue>()
  for (let index = 0; index < count; index++) {
    const key = reader.text(KEY_BYTES_MAX)
    if (values.has(key)) throw new GgufInvalid(`the key ${key} occurs twice`)
    values.set(key, reader.value())
  }
  return values
}

function readTensors(reader: GgufReader, count: number, alignment: number): GgufTensor[] {
  const names = new Set<string>()
  return Array.from({ length: count }, () => {
    const tensor = readTensor(reader, alignment)
    if (names.has(tensor.name)) throw new GgufInvalid(`the tensor ${tensor.name} occurs twice`)
    names.add(tensor.name)
    return tensor
  })
}

function readTensor(reader: GgufReader, alignment: number): GgufTensor {
  const name = reader.text(NAME_BYTES_MAX)
  const dimensions = reader.u32()
  if (dimensions < 1 || dimensions > DIMENSIONS_MAX) throw new GgufInvalid(`${name} has ${dimensions} dimensions`)
  const shape = Array.from({ length: dimensions }, () => reader.u64())
  let elements = 1
  for (const size of shape) {
    elements *= size
    if (size < 1 || !Number.isSafeInteger(elements)) throw new GgufInvalid(`the shape of ${name} is impossible`)
  }
  const code = reader.u32()
  const type = WEIGHT_TYPES.get(code)
  if (!type) throw new GgufInvalid(`the weights of ${name} have the type ${code}, which is not supported`)
  if ((shape[0] ?? 0) % type.blockValues !== 0) throw new GgufInvalid(`a row of ${name} is no multiple of a block`)
  const offset = reader.u64()
  if (offset % alignment !== 0) throw new GgufInvalid(`the offset of ${name} is not aligned`)
  const sizeBytes = (elements / type.blockValues) * type.blockBytes
  return { name, shape, elements, type, offset, sizeBytes }
}

/** All tensors lie inside the data, one after the other. */
function checkPlaces(tensors: readonly GgufTensor[], dataBytes: number): void {
  let end = 0
  for (const { name, offset, sizeBytes } of tensors.toSorted((one, other) => one.offset - other.offset)) {
    if (offset < end) throw new GgufInvalid(`the tensor ${name} overlaps the one before it`)
    end = offset + sizeBytes
    if (!(end <= dataBytes)) throw new GgufInvalid(`the tensor ${name} ends behind the end of the file`)
  }
}

/** How a file is read in growing parts: the answer, or undefined if it needs more bytes. */
export const headerReading = <Value>(read: (bytes: Uint8Array, fileBytes: number) => GgufRead<Value>) => ({
  firstBytes: HEADER_BYTES_FIRST,
  bytesMax: HEADER_BYTES_MAX,
  read(bytes: Uint8Array, fileBytes: number): GgufDecision<Value> | undefined {
    const answer = read(bytes, fileBytes)
    if (answer.ok) return answer
    const { code, message } = answer
    return code === 'gguf_invalid' ? { ok: false, code, message } : undefined
  },
})

/** The architecture of llama.cpp. */
export function architectureOf({ values }: GgufFile): string {
  const architecture = textOf(values, 'general.architecture')
  if (architecture === undefined || !ARCHITECTURE.test(architecture)) {
    throw new GgufInvalid('general.architecture is missing, or no plain name')
  }
  return architecture
}

/** [GGUF specification, general metadata] Absent in files of models that were made before adapters. */
export const isAdapter = ({ values }: GgufFile): boolean => textOf(values, 'general.type') === 'adapter'

/** The text of a key; undefined if it has none. */
export const textOf = (values: GgufFile['values'], key: string): string | undefined => {
  const value = values.get(key)
  return typeof value === 'string' ? value : undefined
}

/** Name and licence, as lines for people. */
export function titlesOf({ values }: GgufFile): { name?: string; license?: string } {
  const [name, license] = [textOf(values, 'general.name'), textOf(values, 'general.license')]
  return { ...(name && { name: plain(name) }), ...(license && { license: plain(license) }) }
}

/** A line for people, without control characters. */
export const plain = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 100)
    // A pair of surrogates at the end may be cut.
    .toWellFormed()
