/**
 * Blob download: fetches one blob over HTTPS into a blob folder. It continues from the bytes that are here, after cuts
 * and after restarts, and the blob appears only when all its bytes have the requested digest.
 *
 * [RFC 9110 14.2, 13.1.5, 15.5.17] `Range` requests the rest, `If-Range` the whole if the blob is another; the answer
 * is
 *
 *     206  the rest, from our offset   200  the whole: begin again at 0   416  we have more than there is: begin again
 *
 * Nothing from the server is trusted: not the start, not the length, not the bytes.
 */
import type { Digest } from '@skerry/contract/values/digest'
import {
  type HttpsClient,
  type HttpsProblem,
  type HttpsResponse,
  problemOf,
  problemOfError,
} from '../network/https-client.ts'
import type { Clock } from '../process/clock.ts'
import { retry } from '../process/retry.ts'
import type { BlobFolder } from './blob-folder.ts'
import type { BlobPart } from './blob-part.ts'

export type DownloadProblem = {
  ok: false
  code: HttpsProblem['code'] | 'blob_damaged' | 'storage_full' | 'upload_busy' | 'download_budget'
  message: string
  /** Whether the same call may succeed later without any change. The received bytes are kept for it. */
  retryable: boolean
  status?: number
  retryAfterMs?: number
  /** The body of the server's answer, parsed if it was JSON. */
  body?: unknown
}

export type DownloadResult = { ok: true; sizeBytes: number; receivedBytes: number } | DownloadProblem

export type Download = {
  client: Pick<HttpsClient, 'send'>
  url: string
  headers?: Record<string, string>
  digest: Digest
  /** From the signed manifest; a further byte is rejected as it arrives. */
  sizeBytes: number
  folder: Pick<BlobFolder, 'has' | 'openPart' | 'hasRoomFor'>
  clock: Pick<Clock, 'sleep'>
  random: () => number
  /** Waits before the next piece is read, or throws to end the transfer; the bytes stay. `isLast`: there is no next piece. */
  onPiece?: ((bytes: number, signal: AbortSignal, isLast: boolean) => Promise<void>) | undefined
  /** Called after each piece arrived. */
  onProgress?: (arrived: { sizeBytes: number; ofBytes: number }) => void
}

/** Tries in a row without a single byte before the caller gets the failure. With the waits below: some 40 s. */
const ATTEMPTS_MAX = 6

/** The first waits are short, for cut connections; the last ones spare a hub that is starting. */
const BACKOFF = { baseMs: 500, maxMs: 15_000 }

/** Fetches the blob, or its missing part. Sends no request if the blob is already present. */
export async function downloadBlob(download: Download, signal: AbortSignal): Promise<DownloadResult> {
  const first = await downloadOnce(download, signal)
  // Bytes of an earlier run may be at fault, by a power cut or by a server that was wrong then; fresh ones are not.
  return !first.ok && first.code === 'blob_damaged' && first.hadOldBytes ? downloadOnce(download, signal) : first
}

async function downloadOnce(
  download: Download,
  signal: AbortSignal,
): Promise<DownloadResult & { hadOldBytes?: boolean }> {
  const { folder, digest, sizeBytes, clock, random } = download
  if (await folder.has(digest)) return { ok: true, sizeBytes, receivedBytes: 0 }
  const opened = await folder.openPart(digest, signal, sizeBytes)
  if (!opened.ok) return { ...opened, retryable: true }
  await using part = opened.part
  if (part.sizeBytes > sizeBytes) await part.reset()
  const oldBytes = part.sizeBytes
  if (!(await folder.hasRoomFor(sizeBytes - oldBytes))) return NO_ROOM

  const counter = { receivedBytes: 0 }
  let seenBytes = 0
  const outcome = await retry(
    () => fetchRest(download, part, counter, signal),
    {
      ...BACKOFF,
      attemptsMax: ATTEMPTS_MAX,
      clock,
      random,
      isRetryable: (result) => !result.ok && result.retryable,
      waitMs: (result) => (result.ok ? undefined : result.retryAfterMs),
      hasProgressed: () => {
        const isMore = counter.receivedBytes > seenBytes
        seenBytes = counter.receivedBytes
        return isMore
      },
    },
    signal,
  )
  if (!outcome.ok) return outcome
  const committed = await part.commit(digest)
  if (committed.ok) return { ok: true, sizeBytes, receivedBytes: counter.receivedBytes }
  if (committed.code === 'storage_full') return NO_ROOM
  const message = `the server's bytes are not ${digest}; push the version again`
  return { ok: false, code: 'blob_damaged', message, retryable: false, hadOldBytes: oldBytes > 0 }
}

type Counter = { receivedBytes: number }
type Step = { ok: true } | DownloadProblem

/** One request; `ok` when the part has all its bytes, right or wrong. */
async function fetchRest(download: Download, part: BlobPart, counter: Counter, signal: AbortSignal): Promise<Step> {
  if (part.sizeBytes === download.sizeBytes) return { ok: true }
  const { client, url, headers, digest } = download
  const range = part.sizeBytes > 0 && { range: `bytes=${part.sizeBytes}-`, 'if-range': `"${digest}"` }
  // A transparent gzip would make offsets meaningless.
  const response = await client.send({ url, headers: { ...headers, 'accept-encoding': 'identity', ...range } }, signal)
  if (!response.ok) return response
  try {
    const placed = await placeBody(response, download, part, signal)
    return placed.ok ? await receive(response, download, part, counter, signal) : placed
  } finally {
    response.stream.destroy()
  }
}

/** Makes part and answer agree on the place of the first byte, or gives the reason why they do not. */
async function placeBody(
  response: HttpsResponse,
  { sizeBytes }: Download,
  part: BlobPart,
  signal: AbortSignal,
): Promise<Step> {
  const { status, headers } = response
  if (status === 200) {
    const length = headers['content-length']
    if (length !== undefined && Number(length) !== sizeBytes) {
      return malformed(`the server has ${length} bytes, but the signed size is ${sizeBytes}`)
    }
    if (part.sizeBytes > 0) await part.reset()
    return { ok: true }
  }
  if (status !== 206 && status !== 416) return problemOf(response, signal)
  if (part.sizeBytes === 0) return malformed(`the server answered ${status} to a request for the whole`)
  if (status === 206 && isTheRest(headers['content-range'], part.sizeBytes, sizeBytes)) return { ok: true }
  await part.reset()
  return {
    ...malformed(`the server cannot continue from the bytes on this disk (${status}); the download starts again`),
    retryable: true,
  }
}

/** [RFC 9110 14.4] Whether the answer's range begins at the end of our bytes, in a blob of our blob's size. */
function isTheRest(contentRange: string | undefined, start: number, sizeBytes: number): boolean {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(contentRange ?? '') ?? []
  return Number(first) === start && (total === '*' || Number(total) === sizeBytes)
}

async function receive(
  { stream }: HttpsResponse,
  { sizeBytes, onProgress, onPiece }: Download,
  part: BlobPart,
  counter: Counter,
  signal: AbortSignal,
): Promise<Step> {
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]()
  for (;;) {
    // Only the network's errors are an answer; those of the disk below are thrown.
    const next = await chunks.next().catch((error: unknown) => problemOfError(error, signal))
    if ('ok' in next) return next.code === 'server_unreachable' ? CUT : next
    if (next.done) break
    if (part.sizeBytes + next.value.length > sizeBytes) {
      await part.reset()
      const message = `the server sent more than the ${sizeBytes} bytes that were signed`
      return { ok: false, code: 'response_too_large', message, retryable: false }
    }
    const appended = await part.append(next.value, part.sizeBytes)
    if (!appended.ok) return NO_ROOM
    counter.receivedBytes += next.value.length
    await onPiece?.(next.value.length, signal, part.sizeBytes === sizeBytes)
    onProgress?.({ sizeBytes: part.sizeBytes, ofBytes: sizeBytes })
  }
  return part.sizeBytes === sizeBytes ? { ok: true } : CUT
}

const CUT: DownloadProblem = {
  ok: false,
  code: 'response_cut',
  message: 'the connection ended before the last byte',
  retryable: true,
}

/** The reserve of the disk is kept free. */
export const NO_ROOM: DownloadProblem = {
  ok: false,
  code: 'storage_full',
  message: 'only the reserve of the disk is free; make room for the download',
  retryable: false,
}

const malformed = (message: string): DownloadProblem => ({
  ok: false,
  code: 'response_malformed',
  message,
  retryable: false,
})
