/**
 * S3 read: the bytes of an object as one stream, even if connections fail. If a body breaks off or stands still, the
 * reader continues where it stopped. It gives up if the store fails repeatedly without a byte in between.
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
  /** The time for which a body may send no byte while the reader waits. */
  idleMs: number
}

/** `missing` creates the error to throw if there is no such object. */
export type ReadWish = { key: string; range: ByteRange; missing: () => Error }

/**
 * Failures without a byte in between. The client's own tries come in addition. A reader that waits longer sends its
 * request again itself.
 */
const FAILURES_MAX = 4

const BACKOFF = { baseMs: 200, maxMs: 5_000 }

/** Holds one chunk only; a reader that stops taking chunks stops the store. */
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
    // If a store answers with more bytes than requested, the reader cuts the chunk.
    const wanted = chunk.subarray(0, place.end + 1 - place.at)
    place.at += wanted.length
    yield wanted
    if (wanted.length < chunk.length) return
  }
  if (place.at <= place.end)
    throw new Error(`the store ended the transfer of ${key} at byte ${place.at} of ${place.end + 1}`)
}

/** The chunks of a body. The body is destroyed when it stands still, and when the signal fires. */
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
