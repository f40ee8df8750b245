/**
 * Sent pieces: the bytes of a blob on their way to a caller. A piece is written before the next is read, so a source may
 * use its memory again: a new buffer for each piece would make a third of the processor time of a download.
 */
import { Readable, type Writable } from 'node:stream'
import type { Digest } from '@skerry/contract/values/digest'
import { createHasher } from '@skerry/platform/files/hash'

/**
 * The pieces, the last only if all bytes together have the blob's digest. It fails before its end if the digest differs,
 * so the reader sees a cut, never a complete answer with wrong bytes.
 */
export async function* verifiedPieces(
  source: AsyncIterable<Uint8Array>,
  digest: Digest,
  onDamage: () => void,
): AsyncGenerator<Uint8Array> {
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

/** The pieces as the body of an answer. It can only be piped. */
export function sentStream(pieces: AsyncIterable<Uint8Array>): Readable {
  const stream = new Readable({ read: () => undefined })
  const send = async (target: Writable) => {
    const gone = new AbortController()
    target.once('close', () => gone.abort())
    try {
      for await (const piece of pieces) {
        // A caller that went away is no fault of the stream.
        if (!(await isWritten(target, piece, gone.signal))) return void stream.destroy()
      }
      target.end()
      stream.push(null)
      stream.resume()
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    return undefined
  }
  stream.pipe = (target) => {
    void send(target as unknown as Writable)
    return target
  }
  return stream
}

/** True once the system has the bytes, and false if the caller went away. */
function isWritten(target: Writable, piece: Uint8Array, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const stop = () => resolve(false)
  signal.addEventListener('abort', stop, { once: true })
  target.write(piece, (error) => {
    signal.removeEventListener('abort', stop)
    resolve(!error)
  })
  return promise
}
