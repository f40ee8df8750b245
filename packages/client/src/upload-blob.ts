/**
 * Upload of a blob: begins or goes on, sends pieces from where the hub stands, and after trouble on the way asks where that is.
 *
 *     create ─▶ PATCH piece ─▶ PATCH piece ─▶ … ─▶ done
 *        ▲          │ passing trouble: wait, ask again
 *        └──────────┘
 */

import type { Upload } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import { createClient } from './client.ts'
import { type Connection, requestBytes } from './connection.ts'
import { isPassing, type Problem, problemOf } from './problem.ts'

export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export type BlobToSend = {
  digest: Digest
  sizeBytes: number
  /** Opens the bytes from an offset on; called again after trouble. */
  source: (startBytes: number) => ByteStream
  /** Told how much the hub holds, also where it begins above 0. */
  onProgress?: (offsetBytes: number) => void
  /** How long to wait before retry `attempt` (the first is 0): the caller's backoff, with its jitter. */
  delayMs: (attempt: number) => number
  /** Told of trouble that it will try to get over, before it waits. */
  onTrouble?: (problem: Problem) => void
  /** How often it tries again without any progress in between; somebody who watches can stop it, and so may let it go on for ever. */
  attemptsMax?: number
  /** How much is sent at a time: progress is told after each. */
  pieceBytes?: number
}

/** What a flaky link loses at most, and a moment's work on a slow one; 8 MiB keep the count of requests low on a fast one. */
const PIECE_BYTES = 8 * 1024 * 1024

/** Retries without any progress in between. With waits up to 30 s that is some minutes of a hub that is restarted. */
const ATTEMPTS_MAX = 10

/** Sends what the hub lacks of the blob. Throws the hub's refusal, the last trouble when it does not pass, or the signal's reason. */
export async function uploadBlob(connection: Connection, blob: BlobToSend, signal: AbortSignal): Promise<Upload> {
  const { digest, sizeBytes, onProgress, onTrouble, delayMs, attemptsMax = ATTEMPTS_MAX } = blob
  const client = createClient(connection)
  let offsetBytes = -1
  let attempt = 0
  while (true) {
    try {
      const upload = await client.upload.create({ digest, sizeBytes }, { signal })
      onProgress?.(upload.offsetBytes)
      const noted = (bytes: number) => {
        if (bytes > offsetBytes) attempt = 0
        offsetBytes = Math.max(bytes, offsetBytes)
        onProgress?.(bytes)
      }
      return upload.done ? upload : await sendFrom(connection, blob, upload, noted, signal)
    } catch (error) {
      signal.throwIfAborted()
      const problem = problemOf(error)
      if (!isWorthAnother(problem) || attempt >= attemptsMax) throw error
      onTrouble?.(problem)
      await wait(delayMs(attempt), signal)
      attempt += 1
    }
  }
}

async function sendFrom(
  connection: Connection,
  { source, digest, sizeBytes, pieceBytes = PIECE_BYTES }: BlobToSend,
  begun: Upload,
  noted: (offsetBytes: number) => void,
  signal: AbortSignal,
): Promise<Upload> {
  let upload = begun
  for await (const piece of piecesOf(source(begun.offsetBytes), sizeBytes - begun.offsetBytes, pieceBytes)) {
    const response = await requestBytes(
      connection,
      {
        route: 'uploadBytes',
        parameters: { upload: upload.id },
        query: { offsetBytes: upload.offsetBytes },
        headers: { 'content-type': 'application/octet-stream' },
        body: piece,
      },
      signal,
    )
    upload = (await response.json()) as Upload
    noted(upload.offsetBytes)
    if (upload.done) return upload
  }
  throw new Error(
    `the file of ${digest} ended at byte ${upload.offsetBytes} of ${sizeBytes}; it was changed during the upload`,
  )
}

/** Trouble that passes, and two answers that only say that our view of the upload was old. */
function isWorthAnother(problem: Problem): boolean {
  return isPassing(problem) || problem.code === 'upload_offset_wrong' || problem.code === 'upload_unknown'
}

/** Joins and cuts the chunks of a stream to pieces of one size. An empty blob is one empty piece. */
async function* piecesOf(
  stream: ByteStream,
  sizeBytes: number,
  pieceBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(Math.min(pieceBytes, sizeBytes))
  let filled = 0
  let left = sizeBytes
  if (sizeBytes === 0) yield piece
  for await (const chunk of chunksOf(stream)) {
    for (let start = 0; start < chunk.length && left > 0; ) {
      const part = chunk.subarray(start, start + piece.length - filled)
      piece.set(part, filled)
      filled += part.length
      start += part.length
      if (filled < piece.length) continue
      yield piece
      left -= filled
      piece = new Uint8Array(Math.min(pieceBytes, left))
      filled = 0
    }
    if (left === 0) return
  }
}

/** Not every browser can walk a ReadableStream with `for await`. */
async function* chunksOf(stream: ByteStream): AsyncGenerator<Uint8Array> {
  if (Symbol.asyncIterator in stream) return yield* stream
  const reader = (stream as ReadableStream<Uint8Array>).getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}

/** Waits; throws the signal's reason at once when it fires. */
async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, delayMs)
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
