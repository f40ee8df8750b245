/** Delta requests: the four requests for chunks of a file (contract, chunks/). */
import { pipeline, Readable } from 'node:stream'
import { constants, createZstdDecompress } from 'node:zlib'
import { DIFFERENCES_HEADER, DIFFERENCES_VERSION } from '@skerry/contract/chunks/differences'
import type { Digest } from '@skerry/contract/values/digest'
import {
  type ByteRun,
  encodeReferredRuns,
  encodeRuns,
  type ReferredRun,
  runsBytes,
} from '@skerry/core/chunks/byte-runs'
import { blocksOf, type DifferenceBlock } from '@skerry/core/chunks/difference-blocks'
import type { Download, DownloadProblem } from '../blobs/blob-download.ts'
import {
  type HttpsProblem,
  type HttpsRequest,
  type HttpsResponse,
  problemOf,
  problemOfError,
} from '../network/https-client.ts'
import { decodeBlocks } from './difference-coding.ts'
import { createExactReader, type ExactReader } from './exact-reader.ts'

/** Sends a request to the hub. */
export type SendToHub = (
  request: Omit<HttpsRequest, 'url'> & { path: string },
  signal: AbortSignal,
) => Promise<HttpsResponse | HttpsProblem>

export type DeltaRequests = {
  index(signal: AbortSignal): Promise<Answer<IndexAnswer>>
  /** Exactly the bytes of the runs. */
  pages(runs: readonly ByteRun[], signal: AbortSignal): Promise<Answer<Buffer>>
  /** A reader of the bytes of the runs, one after the other. */
  runs(runs: readonly ByteRun[], signal: AbortSignal): Promise<Answer<OpenRuns>>
  /** As `runs`, coded against an old file. `oldBytes` reads bytes of it. */
  differences(old: Digest, referred: Referred, signal: AbortSignal): Promise<Answer<OpenRuns>>
  /** The bytes that arrived so far, for all requests. */
  receivedBytes(): number
}

/** `hasDifferences`: the hub can code chunks against an old file, in a form that this agent can read. */
export type IndexAnswer = { bytes: Uint8Array; hasDifferences: boolean }

export type Referred = {
  runs: readonly ReferredRun[]
  oldBytes(block: DifferenceBlock): Promise<Uint8Array>
}

export type OpenRuns = { reader: ExactReader; close(): void }

/** `whole`: the hub cannot help with chunks, and the whole file is the way. */
export type Answer<Value> =
  | { kind: 'ok'; value: Value }
  | { kind: 'whole'; reason: string }
  | { kind: 'failed'; problem: DownloadProblem }

/** The root of a file of 2 GiB has 0.7 MB, if its chunks have the usual length. */
const INDEX_BYTES_MAX = 16 * 2 ** 20

/** The hub compresses with a window of 8 MiB at most; a larger one would let it take the memory of the device. */
const WINDOW_LOG_MAX = 24

export function deltaRequests(send: SendToHub, digest: Digest, onPiece?: Download['onPiece']): DeltaRequests {
  let received = 0
  const counted = async function* (stream: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    for await (const piece of stream) {
      received += piece.length
      await onPiece?.(piece.length, signal, false)
      yield piece
    }
  }
  const get = async (request: Parameters<SendToHub>[0], signal: AbortSignal): Promise<Answer<HttpsResponse>> => {
    const response = await send(request, signal)
    if (!response.ok) return failed(response)
    if (response.status === 200) return { kind: 'ok', value: response }
    const problem = await problemOf(response, signal)
    response.stream.destroy()
    return failed(problem)
  }
  const post = (path: string, bytes: Uint8Array) => {
    const content = { length: bytes.length, stream: Readable.from([Buffer.from(bytes)], { objectMode: false }) }
    return { method: 'POST' as const, path: `/v1/blobs/${digest}/${path}`, content }
  }
  return {
    async index(signal) {
      const answer = await get({ path: `/v1/blobs/${digest}/chunks` }, signal)
      if (answer.kind !== 'ok') return answer
      const read = await readUpTo(counted(answer.value.stream, signal), INDEX_BYTES_MAX, signal)
      if (read.kind !== 'ok') return read
      const hasDifferences = answer.value.headers[DIFFERENCES_HEADER] === DIFFERENCES_VERSION
      return { kind: 'ok', value: { bytes: read.value, hasDifferences } }
    },
    async pages(runs, signal) {
      const answer = await get(post('chunks', encodeRuns(runs)), signal)
      if (answer.kind !== 'ok') return answer
      const bytes = await readUpTo(counted(answer.value.stream, signal), runsBytes(runs), signal)
      const isShort = bytes.kind === 'ok' && bytes.value.length < runsBytes(runs)
      return isShort ? { kind: 'whole', reason: 'the hub sent fewer bytes of the index than requested' } : bytes
    },
    async runs(runs, signal) {
      const answer = await get(post('runs', encodeRuns(runs)), signal)
      if (answer.kind !== 'ok') return answer
      const { stream, headers } = answer.value
      const reader = createExactReader(decoded(Readable.from(counted(stream, signal)), headers['content-encoding']))
      return { kind: 'ok', value: { reader, close: () => void stream.destroy() } }
    },
    async differences(old, { runs, oldBytes }, signal) {
      const answer = await get(post(`differences/${old}`, encodeReferredRuns(runs)), signal)
      if (answer.kind !== 'ok') return answer
      const { stream } = answer.value
      const coded = createExactReader(counted(stream, signal))
      const reader = createExactReader(decodeBlocks(coded, blocksOf(runs), oldBytes))
      return { kind: 'ok', value: { reader, close: () => void stream.destroy() } }
    },
    receivedBytes: () => received,
  }
}

function decoded(stream: Readable, coding: string | undefined): Readable {
  if (coding !== 'zstd') return stream
  const plain = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX } })
  // The reader gets the error from the last stream.
  pipeline(stream, plain, () => {})
  return plain
}

/**
 * [RFC 6585 4, RFC 9110 15.6.4] The request itself was right. A hub answers so while its database or its bucket is away.
 * The whole file is not there either, and would cost all of its bytes.
 */
const PASSING: readonly (number | undefined)[] = [429, 503]

/**
 * A hub that cannot be reached, or wants patience, fails the download. Any other rejection says nothing about the whole
 * file: it may be there although its index cannot be built.
 */
const failed = (problem: HttpsProblem): Answer<never> =>
  problem.status === undefined || PASSING.includes(problem.status)
    ? { kind: 'failed', problem }
    : { kind: 'whole', reason: problem.message }

async function readUpTo(
  stream: AsyncIterable<Uint8Array>,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Answer<Buffer>> {
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    for await (const piece of stream) {
      length += piece.length
      if (length > bytesMax) return { kind: 'whole', reason: 'the hub sent more bytes of the index than there are' }
      pieces.push(piece)
    }
  } catch (error) {
    return { kind: 'failed', problem: problemOfError(error, signal) }
  }
  return { kind: 'ok', value: Buffer.concat(pieces) }
}
