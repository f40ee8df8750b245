/**
 * Passphrase stream: a stream of any length under a passphrase. It is cut into pieces that are sealed one by one, so that
 * a reader never gives out a byte that it has not proved, and notices a piece that is missing, repeated, or the last
 * one of a file that was cut.
 *
 *     line of JSON: form, salt, cost of scrypt      then pieces: length (4 bytes), sealed bytes, tag (16 bytes)
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'

const FORM = 'skerry-sealed-stream'

/** [RFC 7914] 128 MiB and about half a second for each guess. */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const

/** A reader accepts no cost that would fill its memory: it stands in the file, which anybody may have written. */
const N_MAX = 2 ** 20

/** A piece is in memory twice. */
const PIECE_BYTES = 1024 ** 2
const TAG_BYTES = 16

/** The line has fewer than 200 bytes. */
const LINE_BYTES_MAX = 1_024

const Line = z.object({
  form: z.literal(FORM),
  v: z.literal(1),
  salt: z.base64(),
  N: z
    .int()
    .min(2 ** 14)
    .max(N_MAX),
  r: z.int().min(1).max(32),
  p: z.int().min(1).max(16),
})

export class StreamBroken extends Error {}

/** The sealed form of all bytes. */
export async function* sealStream(
  bytes: AsyncIterable<Uint8Array>,
  passphrase: string,
  cost: { N: number; r: number; p: number } = COST,
): AsyncGenerator<Uint8Array> {
  const line = `${JSON.stringify({ form: FORM, v: 1, salt: randomBytes(32).toString('base64'), ...cost })}\n`
  yield Buffer.from(line)
  const key = await keyOf(line, passphrase)
  let index = 0
  let held: Buffer | undefined
  for await (const piece of inPieces(bytes)) {
    if (held) yield sealPiece(key, line, { index: index++, isLast: false }, held)
    held = piece
  }
  yield sealPiece(key, line, { index, isLast: true }, held ?? Buffer.alloc(0))
}

/** The plain bytes, each of them proved. Throws StreamBroken if the passphrase or a byte is wrong. */
export async function* openStream(sealed: AsyncIterable<Uint8Array>, passphrase: string): AsyncGenerator<Uint8Array> {
  const reader = openReader(sealed)
  const line = await reader.line()
  const key = await keyOf(line, passphrase)
  for (let index = 0; ; index++) {
    const head = await reader.take(4)
    if (!head) throw new StreamBroken('the file ends too early')
    const length = head.readUInt32BE()
    const body = length <= PIECE_BYTES ? await reader.take(length + TAG_BYTES) : undefined
    if (!body) throw new StreamBroken('the file ends too early, or is damaged')
    const isLast = await reader.isAtEnd()
    yield openPiece(key, line, { index, isLast }, body)
    if (isLast) return
  }
}

async function keyOf(line: string, passphrase: string): Promise<Buffer> {
  const read = Line.safeParse(parseJson(line))
  if (!read.success) throw new StreamBroken('this is no file of this kind, or a newer program wrote it')
  const { N, r, p, salt } = read.data
  return new Promise((resolve, reject) => {
    const limits = { N, r, p, maxmem: 256 * N * r }
    scrypt(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64'), 32, limits, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

type Place = { index: number; isLast: boolean }

/** The key is new for each stream, so the place alone makes the nonce unique. */
function nonceOf({ index, isLast }: Place): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(index), 0)
  nonce.writeUInt32BE(isLast ? 1 : 0, 8)
  return nonce
}

function sealPiece(key: Buffer, line: string, place: Place, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(place)).setAAD(Buffer.from(line))
  const head = Buffer.alloc(4)
  head.writeUInt32BE(plain.length)
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function openPiece(key: Buffer, line: string, place: Place, body: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(place)).setAAD(Buffer.from(line))
  decipher.setAuthTag(body.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch {
    const where = place.index === 0 ? 'the passphrase is wrong, or the file is damaged' : 'the file is damaged'
    throw new StreamBroken(where)
  }
}

async function* inPieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; ) {
      // Copied, because a reader of files may use its memory again.
      const part = Buffer.from(chunk.subarray(at, at + PIECE_BYTES - size))
      held.push(part)
      size += part.length
      at += part.length
      if (size < PIECE_BYTES) continue
      yield Buffer.concat(held)
      held = []
      size = 0
    }
  }
  if (size > 0) yield Buffer.concat(held)
}

function openReader(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  const fill = async (size: number): Promise<boolean> => {
    const parts = [rest]
    let length = rest.length
    while (length < size) {
      const next = await iterator.next()
      if (next.done) break
      parts.push(Buffer.from(next.value))
      length += next.value.length
    }
    if (parts.length > 1) rest = Buffer.concat(parts)
    return length >= size
  }
  const take = async (size: number): Promise<Buffer | undefined> => {
    if (!(await fill(size))) return undefined
    const taken = rest.subarray(0, size)
    rest = rest.subarray(size)
    return taken
  }
  return {
    take,
    isAtEnd: async () => !(await fill(1)),
    async line(): Promise<string> {
      for (let size = 1; size <= LINE_BYTES_MAX; size++) {
        if (!(await fill(size))) break
        if (rest[size - 1] === 0x0a) return (await take(size))?.toString() ?? ''
      }
      throw new StreamBroken('this is no file of this kind')
    },
  }
}
