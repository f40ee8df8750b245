/**
 * GGUF header: reads and checks the header of a language model before any native code sees the file. Pure. A header is
 * hostile until proven otherwise: each count has a limit, and each tensor must lie inside the file without an overlap.
 */
import type { LanguageFacts } from '@skerry/contract/language-models/language-model'
import { createGgufReader, GgufIncomplete, GgufInvalid, type GgufReader, type GgufValue } from './gguf-reader.ts'
import { WEIGHT_TYPES, type WeightType } from './weight-types.ts'

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

export type GgufRead =
  | { ok: true; value: LanguageFacts }
  /** `gguf_incomplete`: the bytes end inside the header. More bytes of the same file may be read. */
  | { ok: false; code: 'gguf_invalid' | 'gguf_incomplete'; message: string }

/** `bytes`: the first bytes of the file. `fileBytes`: the size of the file. */
export function readGgufHeader(bytes: Uint8Array, fileBytes: number): GgufRead {
  try {
    return { ok: true, value: read(createGgufReader(bytes.subarray(0, HEADER_BYTES_MAX)), fileBytes) }
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

function read(reader: GgufReader, fileBytes: number): LanguageFacts {
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
  return factsFrom(values, tensors)
}

function countIn(count: number, max: number, what: string): number {
  if (count < 1 || count > max) throw new GgufInvalid(`the header has ${count} ${what}, and 1 to ${max} are read`)
  return count
}

type Values = ReadonlyMap<string, GgufValue>

function readValues(reader: GgufReader, count: number): Values {
  const values = new Map<string, GgufValue>()
  for (let index = 0; index < count; index++) {
    const key = reader.text(KEY_BYTES_MAX)
    if (values.has(key)) throw new GgufInvalid(`the key ${key} occurs twice`)
    values.set(key, reader.value())
  }
  return values
}

type Tensor = { name: string; elements: number; type: WeightType; offset: number; sizeBytes: number }

function readTensors(reader: GgufReader, count: number, alignment: number): Tensor[] {
  const names = new Set<string>()
  return Array.from({ length: count }, () => {
    const tensor = readTensor(reader, alignment)
    if (names.has(tensor.name)) throw new GgufInvalid(`the tensor ${tensor.name} occurs twice`)
    names.add(tensor.name)
    return tensor
  })
}

function readTensor(reader: GgufReader, alignment: number): Tensor {
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
  return { name, elements, type, offset, sizeBytes }
}

/** All tensors lie inside the data, one after the other. */
function checkPlaces(tensors: readonly Tensor[], dataBytes: number): void {
  let end = 0
  for (const { name, offset, sizeBytes } of tensors.toSorted((one, other) => one.offset - other.offset)) {
    if (offset < end) throw new GgufInvalid(`the tensor ${name} overlaps the one before it`)
    end = offset + sizeBytes
    if (!(end <= dataBytes)) throw new GgufInvalid(`the tensor ${name} ends behind the end of the file`)
  }
}

function factsFrom(values: Values, tensors: readonly Tensor[]): LanguageFacts {
  const architecture = textOf(values, 'general.architecture')
  if (architecture === undefined || !ARCHITECTURE.test(architecture)) {
    throw new GgufInvalid('general.architecture is missing, or no plain name')
  }
  const number = (key: string, max: number, fallback?: number) =>
    numberOf(values, `${architecture}.${key}`, { max, fallback })
  const embeddingLength = number('embedding_length', 65_536)
  const headCount = number('attention.head_count', 1_024)
  const keyLength = number('attention.key_length', 4_096, Math.ceil(embeddingLength / headCount))
  const tokens = values.get('tokenizer.ggml.tokens')
  const vocabularySize = typeof tokens === 'object' ? tokens.length : 0
  if (vocabularySize < 1) throw new GgufInvalid('tokenizer.ggml.tokens is missing, so the file is no language model')
  const [name, license] = [textOf(values, 'general.name'), textOf(values, 'general.license')]
  return {
    architecture,
    ...(name && { name: plain(name) }),
    ...(license && { license: plain(license) }),
    parameterCount: tensors.reduce((sum, { elements }) => sum + elements, 0),
    quantisation: mainType(tensors),
    tensorCount: tensors.length,
    blockCount: number('block_count', 1_024),
    embeddingLength,
    contextLength: number('context_length', 16_777_216),
    headCount,
    headCountKv: number('attention.head_count_kv', 1_024, headCount),
    keyLength,
    valueLength: number('attention.value_length', 4_096, keyLength),
    vocabularySize,
    tokenizer: plain(textOf(values, 'tokenizer.ggml.model') ?? 'unknown'),
    hasChatTemplate: textOf(values, 'tokenizer.chat_template') !== undefined,
    weightsBytes: tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  }
}

const textOf = (values: Values, key: string): string | undefined => {
  const value = values.get(key)
  return typeof value === 'string' ? value : undefined
}

/** Some models state a list with a number for each block. Then the fallback is an upper bound. */
function numberOf(
  values: Values,
  key: string,
  { max, fallback }: { max: number; fallback: number | undefined },
): number {
  const value = values.get(key)
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value
  if (fallback !== undefined && (value === undefined || typeof value === 'object')) return fallback
  throw new GgufInvalid(`${key} is missing, or not between 1 and ${max}`)
}

/** A line for people, without control characters. */
const plain = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 100)
    // A pair of surrogates at the end may be cut.
    .toWellFormed()

/** The type with the most bytes. */
function mainType(tensors: readonly Tensor[]): string {
  const bytes = new Map<string, number>()
  for (const { type, sizeBytes } of tensors) bytes.set(type.name, (bytes.get(type.name) ?? 0) + sizeBytes)
  return [...bytes].toSorted((one, other) => other[1] - one[1])[0]?.[0] ?? 'unknown'
}
