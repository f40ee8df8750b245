/**
 * Test GGUF: a small language model of the architecture `llama` with random weights and a vocabulary of bytes. Its answers
 * mean nothing, and are the same on each machine that computes alike.
 */
export type TestGguf = {
  /** Sizes of the model. By default it has 0.3 MB. */
  embedding?: number
  blocks?: number
  heads?: number
  feedForward?: number
  context?: number
  seed?: number
  /** Changes one weight of the output, by the number. */
  alteredBy?: number
  /** Each answer has as many tokens as it may have: the end is never the most probable token. */
  isEndless?: boolean
}

const BYTE_TOKENS = 256
const END_TOKEN = 2
const TOKENS = [
  '<unk>',
  '<s>',
  '</s>',
  ...Array.from({ length: BYTE_TOKENS }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
]

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const u64 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
const f32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])

const TYPE = { u32: 4, i32: 5, f32: 6, text: 8, array: 9 }

/** A value of the header: its key, type and bytes. */
export const ggufValue = (key: string, type: keyof typeof TYPE, bytes: Buffer) =>
  Buffer.concat([text(key), u32(TYPE[type]), bytes])

const list = (type: keyof typeof TYPE, parts: readonly Buffer[]) =>
  Buffer.concat([u32(TYPE[type]), u64(parts.length), ...parts])

type Sizes = Required<Omit<TestGguf, 'alteredBy' | 'seed' | 'isEndless'>>

function valuesOf({ embedding, blocks, heads, feedForward, context }: Sizes): Buffer[] {
  const number = (key: string, value: number) => ggufValue(key, 'u32', u32(value))
  return [
    ggufValue('general.architecture', 'text', text('llama')),
    ggufValue('general.name', 'text', text('test-random')),
    number('llama.context_length', context),
    number('llama.embedding_length', embedding),
    number('llama.block_count', blocks),
    number('llama.feed_forward_length', feedForward),
    number('llama.attention.head_count', heads),
    number('llama.attention.head_count_kv', heads),
    ggufValue('llama.attention.layer_norm_rms_epsilon', 'f32', f32(1e-5)),
    number('llama.rope.dimension_count', embedding / heads),
    number('llama.vocab_size', TOKENS.length),
    ggufValue('tokenizer.ggml.model', 'text', text('llama')),
    ggufValue('tokenizer.ggml.tokens', 'array', list('text', TOKENS.map(text))),
    ggufValue(
      'tokenizer.ggml.scores',
      'array',
      list(
        'f32',
        TOKENS.map(() => f32(0)),
      ),
    ),
    ggufValue(
      'tokenizer.ggml.token_type',
      'array',
      list(
        'i32',
        TOKENS.map((_, at) => u32(tokenType(at))),
      ),
    ),
    number('tokenizer.ggml.bos_token_id', 1),
    number('tokenizer.ggml.eos_token_id', END_TOKEN),
    number('tokenizer.ggml.unknown_token_id', 0),
  ]
}

/** [llama.cpp, token types] Unknown, control, byte. */
function tokenType(at: number): number {
  if (at === 0) return 2
  return at < 3 ? 3 : 6
}

function tensorsOf({ embedding: e, blocks, feedForward: f }: Sizes): [name: string, shape: number[]][] {
  const block = (at: number): [string, number[]][] => [
    [`blk.${at}.attn_norm.weight`, [e]],
    ...['q', 'k', 'v'].map((part): [string, number[]] => [`blk.${at}.attn_${part}.weight`, [e, e]]),
    [`blk.${at}.attn_output.weight`, [e, e]],
    [`blk.${at}.ffn_norm.weight`, [e]],
    [`blk.${at}.ffn_gate.weight`, [e, f]],
    [`blk.${at}.ffn_up.weight`, [e, f]],
    [`blk.${at}.ffn_down.weight`, [f, e]],
  ]
  return [
    ['token_embd.weight', [e, TOKENS.length]],
    ['output_norm.weight', [e]],
    ['output.weight', [e, TOKENS.length]],
    ...Array.from({ length: blocks }, (_, at) => block(at)).flat(),
  ]
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)])

const DEFAULT_SIZES: Sizes = { embedding: 64, blocks: 2, heads: 4, feedForward: 128, context: 512 }

/** The bytes of the file. */
export function makeTestGguf({ alteredBy, seed = 7, isEndless = false, ...wish }: TestGguf = {}): Buffer<ArrayBuffer> {
  const sizes: Sizes = { ...DEFAULT_SIZES, ...wish }
  const random = randomFrom(seed)
  const isEnd = (name: string, at: number) => name === 'output.weight' && Math.floor(at / sizes.embedding) === END_TOKEN
  const fill = (name: string, at: number) => {
    if (isEndless && isEnd(name, at)) return 0
    if (alteredBy !== undefined && name === 'output_norm.weight' && at === 0) return 1 + alteredBy
    return name.includes('norm') ? 1 : random() * 0.4
  }
  return fileOf(valuesOf(sizes), tensorsOf(sizes), fill)
}

export type TestAdapter = Pick<TestGguf, 'embedding' | 'blocks' | 'seed'> & {
  rank?: number
  /** [GGUF, adapter.lora.alpha] */
  alpha?: number
  architecture?: string
}

/** The bytes of a LoRA adapter of random numbers, which changes two matrices of each block of a test model. */
export function makeTestAdapter(wish: TestAdapter = {}): Buffer<ArrayBuffer> {
  const { embedding = DEFAULT_SIZES.embedding, blocks = DEFAULT_SIZES.blocks, seed = 11, rank = 4 } = wish
  const { alpha = 8, architecture = 'llama' } = wish
  const values = [
    ggufValue('general.type', 'text', text('adapter')),
    ggufValue('general.architecture', 'text', text(architecture)),
    ggufValue('general.name', 'text', text('test-adapter')),
    ggufValue('adapter.type', 'text', text('lora')),
    ggufValue('adapter.lora.alpha', 'f32', f32(alpha)),
  ]
  const tensors = Array.from({ length: blocks }, (_, at) =>
    ['q', 'v'].flatMap((part): [string, number[]][] => [
      [`blk.${at}.attn_${part}.weight.lora_a`, [embedding, rank]],
      [`blk.${at}.attn_${part}.weight.lora_b`, [rank, embedding]],
    ]),
  ).flat()
  return fileOf(values, tensors, randomFrom(seed))
}

function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  }
}

/** `fill` gives the weight of a tensor at an index. */
function fileOf(
  values: readonly Buffer[],
  tensors: readonly [name: string, shape: number[]][],
  fill: (name: string, at: number) => number,
): Buffer<ArrayBuffer> {
  let offset = 0
  const infos: Buffer[] = []
  const contents: Buffer[] = []
  for (const [name, shape] of tensors) {
    infos.push(Buffer.concat([text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset)]))
    const numbers = new Float32Array(shape.reduce((product, size) => product * size, 1))
    for (let at = 0; at < numbers.length; at++) numbers[at] = fill(name, at)
    const bytes = padded(Buffer.from(numbers.buffer))
    contents.push(bytes)
    offset += bytes.length
  }
  const header = [Buffer.from('GGUF'), u32(3), u64(infos.length), u64(values.length), ...values, ...infos]
  return Buffer.concat([padded(Buffer.concat(header)), ...contents])
}
