/** GGUF header: the facts of a language model, from the header of its file. Pure. */
import type { LanguageFacts } from '@skerry/contract/language-models/language-model'
import {
  architectureOf,
  type GgufFile,
  type GgufRead,
  type GgufTensor,
  isAdapter,
  plain,
  readGguf,
  textOf,
  titlesOf,
} from './gguf-file.ts'
import { GgufInvalid } from './gguf-reader.ts'

/** `bytes`: the first bytes of the file. `fileBytes`: the size of the file. */
export const readGgufHeader = (bytes: Uint8Array, fileBytes: number): GgufRead<LanguageFacts> =>
  readGguf(bytes, fileBytes, factsFrom)

function factsFrom(file: GgufFile): LanguageFacts {
  if (isAdapter(file)) {
    throw new GgufInvalid('the file is an adapter; push it with the version of its model: --base NAME:VERSION')
  }
  const { values, tensors } = file
  const architecture = architectureOf(file)
  const number = (key: string, max: number, fallback?: number) =>
    numberOf(values, `${architecture}.${key}`, { max, fallback })
  const embeddingLength = number('embedding_length', 65_536)
  const headCount = number('attention.head_count', 1_024)
  const keyLength = number('attention.key_length', 4_096, Math.ceil(embeddingLength / headCount))
  const tokens = values.get('tokenizer.ggml.tokens')
  const vocabularySize = typeof tokens === 'object' ? tokens.length : 0
  if (vocabularySize < 1) throw new GgufInvalid('tokenizer.ggml.tokens is missing, so the file is no language model')
  return {
    architecture,
    ...titlesOf(file),
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

/** Some models state a list with a number for each block. Then the fallback is an upper bound. */
function numberOf(
  values: GgufFile['values'],
  key: string,
  { max, fallback }: { max: number; fallback: number | undefined },
): number {
  const value = values.get(key)
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value
  if (fallback !== undefined && (value === undefined || typeof value === 'object')) return fallback
  throw new GgufInvalid(`${key} is missing, or not between 1 and ${max}`)
}

/** The type with the most bytes. */
function mainType(tensors: readonly GgufTensor[]): string {
  const bytes = new Map<string, number>()
  for (const { type, sizeBytes } of tensors) bytes.set(type.name, (bytes.get(type.name) ?? 0) + sizeBytes)
  return [...bytes].toSorted((one, other) => other[1] - one[1])[0]?.[0] ?? 'unknown'
}
