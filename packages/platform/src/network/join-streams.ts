/** Join streams: copies bytes between two ends until both directions have ended, or one end breaks. */
import type { Duplex } from 'node:stream'
import { countRelayed } from '../process/young-memory.ts'

/** Resolves when both ends are closed. A broken end closes the other one. */
export async function joinStreams(one: Duplex, other: Duplex): Promise<void> {
  for (const each of [one, other]) each.on('data', (piece: Uint8Array) => countRelayed(piece.byteLength))
  one.pipe(other)
  other.pipe(one)
  await Promise.all([closed(one, other), closed(other, one)])
}

/**
 * [Node, Readable.pipe] The end of one direction is passed on, but a break is not. After a clean end, the other end may
 * still have bytes to write, and closes by itself.
 */
function closed(end: Duplex, other: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  end.on('error', () => undefined)
  const close = () => {
    if (!end.readableEnded || !end.writableFinished) other.destroy()
    else leave(other)
    resolve()
  }
  if (end.closed) close()
  else end.once('close', close)
  return promise
}

/**
 * Nobody takes the bytes of this end any more. [Node, Readable.unpipe] It stands still since its target is gone, and
 * would never come to its end. Its last bytes are still written.
 */
function leave(end: Duplex): void {
  if (end.destroyed) return
  end.resume()
  end.end(() => end.destroy())
}
