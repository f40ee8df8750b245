import { makeTestAdapter, makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import { describe, expect, test } from 'vitest'
import { adapterProblem, readAdapterBase, readGgufAdapter } from './gguf-adapter.ts'
import { readGgufHeader } from './gguf-header.ts'

const FILE = makeTestAdapter()
const MODEL = makeTestGguf()

/** The place of the bytes behind the text. */
const behind = (text: string) => FILE.indexOf(text) + text.length

function altered(change: (copy: Buffer) => void) {
  const copy = Buffer.from(FILE)
  change(copy)
  return readGgufAdapter(copy, copy.length)
}

function accepted<Value>(read: { ok: true; value: Value } | { ok: false; message: string }): Value {
  if (!read.ok) throw new Error(read.message)
  return read.value
}

const baseOf = (model: Buffer) => accepted(readAdapterBase(model, model.length))
const adapterOf = (file: Buffer) => accepted(readGgufAdapter(file, file.length))

describe('readGgufAdapter', () => {
  test('reads the facts of an adapter', () => {
    expect(adapterOf(FILE)).toMatchObject({
      architecture: 'llama',
      facts: { name: 'test-adapter', rank: 4, alpha: 8, pairCount: 4, parameterCount: 4 * 2 * 4 * 64 },
    })
  })

  test('wants more bytes while the header is not there', () => {
    expect(readGgufAdapter(FILE.subarray(0, 100), FILE.length)).toMatchObject({ code: 'gguf_incomplete' })
    expect(readGgufAdapter(FILE.subarray(0, 100), 100)).toMatchObject({ code: 'gguf_invalid' })
  })

  test.each<[string, (copy: Buffer) => void, string]>([
    ['a model', (copy) => copy.write('another', FILE.indexOf('adapter')), 'no adapter'],
    ['another kind of adapter', (copy) => copy.write('aloh', FILE.indexOf('lora')), 'lora'],
    ['no strength', (copy) => copy.writeFloatLE(0, behind('adapter.lora.alpha') + 4), 'alpha'],
    ['half of a pair', (copy) => copy.write('.lora_c', FILE.indexOf('.lora_b')), 'no matrix of a LoRA pair'],
    [
      'two ranks in a pair',
      (copy) => copy.writeBigUInt64LE(2n, behind('blk.0.attn_q.weight.lora_b') + 4),
      'different ranks: 4 and 2',
    ],
    [
      'a shape that overflows',
      (copy) => copy.writeBigUInt64LE(2n ** 52n, behind('blk.0.attn_q.weight.lora_a') + 4),
      'impossible',
    ],
  ])('rejects %s', (_, change, message) => {
    expect(altered(change)).toMatchObject({ code: 'gguf_invalid', message: expect.stringContaining(message) })
  })

  test('a model says that an adapter is none, and how to push it', () => {
    expect(readGgufHeader(FILE, FILE.length)).toMatchObject({
      code: 'gguf_invalid',
      message: expect.stringContaining('--base'),
    })
  })
})

describe('adapterProblem', () => {
  test('an adapter fits its model', () => {
    expect(adapterProblem(adapterOf(FILE), baseOf(MODEL))).toBeUndefined()
  })

  test.each([
    ['architecture', makeTestAdapter({ architecture: 'qwen2' }), 'architecture qwen2'],
    ['number of blocks', makeTestAdapter({ blocks: 3 }), 'blk.2.attn_q.weight, which the model does not have'],
    ['width', makeTestAdapter({ embedding: 32 }), 'another shape than 64 × 64'],
  ])('another %s is named', (_, file, message) => {
    expect(adapterProblem(adapterOf(file), baseOf(MODEL))).toContain(message)
  })
})
