/** Verified stream: the bytes of a blob, whose last piece is given out only when all of them have the blob's digest. */
import { Readable } from 'node:stream'
import type { Digest } from '@skerry/contract/values/digest'
import { createHasher } from '@skerry/platform/files/hash'

/** Fails before its end when the bytes are others; whoever reads it sees a cut, never a whole answer that is wrong. */
export function verifiedStream(source: AsyncIterable<Uint8Array>, digest: Digest, onDamage: () => void): Readable {
  return Readable.from(verified(source, digest, onDamage), { objectMode: false, highWaterMark: 256 * 1024 })
}

async function* verified(source: AsyncIterable<Uint8Array>, digest: Digest, onDamage: () => void) {
  const hasher = createHasher()
  let held: Uint8Array | undefined
  for await (const chunk of source) {
    if (held) yield held
    hasher.update(chunk)
    held = chunk
  }
  if (hasher.digest() !== digest) {
    onDamage()
    throw new Error(`the bytes of ${digest} changed on the disk`)
  }
  if (held) yield held
}
