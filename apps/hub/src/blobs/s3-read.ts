/**
 * S3 read: the bytes of an object as one stream, whatever becomes of the connections that they come by. A body that breaks off or stands
 * still is gone on with where it stopped; a store that keeps failing without giving a byte is given up.
 */
import type { Readable } from 'node:stream'
import { backoffMs } from '@skerry/core/values/backoff'
import type { ByteRange } from '@skerry/platform/files/file-system'
import { isProblem, problem } from '../http/problem.ts'
import type { S3Bucket } from './s3-bucket.ts'

export type ReadDeps = {
  bucket: Pick<S3Bucket, 'open'>
  clock: { sleep(ms: number, signal: AbortSignal): Promise<void> }
  random: () => number
  /** So long a body may give nothing while somebody waits for it. */
  idleMs: number
}

/** `missing` makes what is thrown where there is no such object. */
export type ReadWish = { key: string; range: ByteRange; missing: () => Error }

/** Without a byte in between. The client's own tries come on top; a reader that waits longer asks again itself. */
const FAILURES_MAX = 4

const BACKOFF = { baseMs: 200, maxMs: 5_000 }

/** Nothing is held but one chunk; a reader that stops taking stops the store. */
export async function* readObject(deps: ReadDeps, wish: ReadWish, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const place: Place = { at: wish.range.start ?? 0, end: wish.range.end }
  for (let failures = 0; ; ) {
    const before = place.at
    try {
      yield* readOnce(deps, wish, place, signal)
      return
    } catch (error) {
      signal.throwIfAborted()
      failures = place.at > before ? 1 : failures + 1
      throwIfFinal(error, failures)
      await deps.clock.sleep(backoffMs(failures - 1, BACKOFF, deps.random()), signal)
    }
  }
}

function throwIfFinal(error: unknown, failures: number): void {
  if (isProblem(error) && (failures >= FAILURES_MAX || error.code !== 'hub_unavailable')) throw error
  if (failures >= FAILURES_MAX) throw brokenOff(error)
}

/** The next byte to give, and the last one once it is known. */
type Place = { at: number; end: number | undefined }

async function* readOnce({ bucket, idleMs }: ReadDeps, { key, missing }: ReadWish, place: Place, signal: AbortSignal) {
  const opened = await bucket.open(key, place.at, place.end, signal)
  if (!opened) throw missing()
  place.end ??= opened.startBytes + opened.sizeBytes - 1
  for await (const chunk of watched(opened.body, idleMs, signal)) {
    // A store that answers with more than was asked for is cut to size.
    const wanted = chunk.subarray(0, place.end + 1 - place.at)
    place.at += wanted.length
    yield wanted
    if (wanted.length < chunk.length) return
  }
  if (place.at <= place.end)
    throw new Error(`the store ended the transfer of ${key} at byte ${place.at} of ${place.end + 1}`)
}

/** The chunks of a body that is destroyed when it stands still, and when the signal fires. */
async function* watched(body: Readable, idleMs: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = () => void body.destroy()
  body.on('error', stop)
  signal.addEventListener('abort', stop, { once: true })
  const chunks = body[Symbol.asyncIterator]()
  try {
    while (true) {
      signal.throwIfAborted()
      const timer = setTimeout(() => body.destroy(new Error(`the store sent nothing for ${idleMs} ms`)), idleMs)
      const next = await chunks.next().finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', stop)
    body.destroy()
  }
}

const brokenOff = (error: unknown) => {
  const why = error instanceof Error ? error.message : String(error)
  return problem('hub_unavailable', `the blob store keeps interrupting the transfer (${why}); try again`)
}
