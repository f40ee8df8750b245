import { makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readGgufHeader } from './gguf-header.ts'
import { languageFit, languageMemory } from './language-fit.ts'

const FILE = makeTestGguf()

function factsOfFile() {
  const read = readGgufHeader(FILE, FILE.length)
  if (!read.ok) throw new Error(read.message)
  return read.value
}

/** The place of the bytes behind the key. */
const behind = (key: string) => FILE.indexOf(key) + key.length

function altered(change: (copy: Buffer) => void, fileBytes = FILE.length) {
  const copy = Buffer.from(FILE)
  change(copy)
  return readGgufHeader(copy, fileBytes)
}

describe('readGgufHeader', () => {
  test('reads the facts of a model', () => {
    expect(factsOfFile()).toMatchObject({
      architecture: 'llama',
      name: 'test-random',
      quantisation: 'F32',
      blockCount: 2,
      embeddingLength: 64,
      contextLength: 512,
      headCount: 4,
      headCountKv: 4,
      keyLength: 16,
      vocabularySize: 259,
      tokenizer: 'llama',
      hasChatTemplate: false,
      tensorCount: 21,
    })
  })

  test('wants more bytes while the header is not there, and rejects a file that ends in it', () => {
    expect(readGgufHeader(FILE.subarray(0, 500), FILE.length)).toMatchObject({ code: 'gguf_incomplete' })
    expect(readGgufHeader(FILE.subarray(0, 500), 500)).toMatchObject({ code: 'gguf_invalid' })
  })

  test.each<[string, (copy: Buffer) => void, string]>([
    ['another format', (copy) => copy.write('ONNX'), 'does not begin with GGUF'],
    ['an unknown version', (copy) => copy.writeUInt32LE(9, 4), 'version 9'],
    ['billions of tensors', (copy) => copy.writeBigUInt64LE(2n ** 40n, 8), 'tensors'],
    ['billions of values', (copy) => copy.writeBigUInt64LE(2n ** 63n, 16), 'over 2^53'],
    ['a text of 4 GB', (copy) => copy.writeBigUInt64LE(2n ** 32n, behind('general.name') + 4), 'over 1048576'],
    ['an array of arrays', (copy) => copy.writeUInt32LE(9, behind('tokenizer.ggml.tokens') + 4), 'type 9'],
    [
      'an endless array',
      (copy) => copy.writeBigUInt64LE(2n ** 50n, behind('tokenizer.ggml.tokens') + 8),
      'over 4194304',
    ],
    ['no blocks', (copy) => copy.writeUInt32LE(0, behind('llama.block_count') + 4), 'block_count'],
    [
      'a shape that overflows',
      (copy) => copy.writeBigUInt64LE(2n ** 52n, behind('token_embd.weight') + 4),
      'impossible',
    ],
    ['an unknown type of weights', (copy) => copy.writeUInt32LE(99, behind('token_embd.weight') + 20), 'type 99'],
    ['a tensor behind the end', (copy) => copy.writeBigUInt64LE(2n ** 40n, behind('token_embd.weight') + 24), 'behind'],
    ['tensors that overlap', (copy) => copy.writeBigUInt64LE(0n, behind('output.weight') + 24), 'overlaps'],
    ['an offset that is not aligned', (copy) => copy.writeBigUInt64LE(7n, behind('output.weight') + 24), 'not aligned'],
    ['another architecture text', (copy) => copy.write('l../a', FILE.indexOf('llama')), 'no plain name'],
  ])('rejects %s', (_, change, message) => {
    expect(altered(change)).toMatchObject({
      ok: false,
      code: 'gguf_invalid',
      message: expect.stringContaining(message),
    })
  })

  test('answers for any bytes, in bounded time and without an exception', () => {
    const header = FILE.subarray(0, 12_000)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(header.length - 1), fc.nat(255)), { maxLength: 40 }), (changes) => {
        const copy = Buffer.from(header)
        for (const [at, byte] of changes) copy[at] = byte
        const read = readGgufHeader(copy, FILE.length)
        if (read.ok) expect(read.value.weightsBytes).toBeLessThanOrEqual(FILE.length)
      }),
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => !readGgufHeader(bytes, bytes.length).ok))
  })
})

describe('languageFit', () => {
  test('adds weights, the cache of the context, and the work of one pass', () => {
    const memory = languageMemory(factsOfFile(), { contextTokens: 512 })
    expect(memory.context).toBe(512 * 2 * 4 * 32 * 2)
    expect(memory.total).toBe(memory.weights + memory.context + memory.working)
  })

  test('rejects a context that is too long, and a model that is too large', () => {
    const facts = factsOfFile()
    expect(languageFit(facts, { contextTokens: 1_024 }, 2 ** 40)).toMatchObject({ code: 'context_too_long' })
    expect(languageFit(facts, { contextTokens: 512 }, 2 ** 20)).toMatchObject({ code: 'memory_insufficient' })
    expect(languageFit(facts, { contextTokens: 512 }, 2 ** 40)).toEqual({ ok: true })
  })
})
