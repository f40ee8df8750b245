import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openStream, StreamBroken, sealStream } from './passphrase-stream.ts'

async function* inChunks(bytes: Uint8Array, size = 70_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}

/** The least cost that a reader accepts. */
const CHEAP = { N: 2 ** 14, r: 1, p: 1 }

const seal = (bytes: Uint8Array, passphrase = 'open sesame') => all(sealStream(inChunks(bytes), passphrase, CHEAP))
const open = (sealed: Uint8Array, passphrase = 'open sesame') => all(openStream(inChunks(sealed), passphrase))

test.each([0, 1, 1024 ** 2, 2 * 1024 ** 2 + 1])('%i bytes come back as they were', async (size) => {
  const bytes = randomBytes(size)
  const sealed = await seal(bytes)
  expect((await open(sealed)).equals(bytes)).toBe(true)
  expect(size < 16 || !sealed.includes(bytes.subarray(0, 16))).toBe(true)
})

test('another passphrase, a changed byte, a cut and a swap are noticed', async () => {
  const sealed = await seal(randomBytes(2 * 1024 ** 2 + 5))
  await expect(open(sealed, 'open barley')).rejects.toThrow('the passphrase is wrong')
  for (const place of [sealed.length - 1, sealed.length - 1_500_000]) {
    const changed = Buffer.from(sealed)
    changed[place] = (changed[place] ?? 0) ^ 1
    await expect(open(changed)).rejects.toThrow(StreamBroken)
  }
  const start = sealed.indexOf(0x0a) + 1
  const piece = 4 + 1024 ** 2 + 16
  await expect(open(sealed.subarray(0, start + piece))).rejects.toThrow(StreamBroken)
  await expect(open(sealed.subarray(0, start + 2 * piece))).rejects.toThrow(StreamBroken)
  const [one, two] = [sealed.subarray(start, start + piece), sealed.subarray(start + piece, start + 2 * piece)]
  const swapped = Buffer.concat([sealed.subarray(0, start), two, one, sealed.subarray(start + 2 * piece)])
  await expect(open(swapped)).rejects.toThrow(StreamBroken)
  await expect(open(Buffer.from('{"form":"other"}\n'))).rejects.toThrow(StreamBroken)
})
