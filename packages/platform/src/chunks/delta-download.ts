/**
 * Delta download: fetches the chunks of a file that no file on this disk has, and copies the others. It writes the same
 * part, from its first byte to its last, as the download of a whole file does. So each of them continues at the byte at
 * which the other one stopped, and the file appears only if all of its bytes have the requested digest.
 *
 * Nothing from the hub is trusted: the index is signed for this file, a page fits its group, and a chunk fits its id
 * before its bytes are written.
 *
 * If the hub can, it codes the missing chunks against one old file of this disk (contract, chunks/differences.ts). If
 * anything about that fails, the device fetches the rest of the chunks without the old file.
 */
import type { Digest } from '@skerry/contract/values/digest'
import { type ByteRun, joinRuns, type ReferredRun, RUNS_MAX } from '@skerry/core/chunks/byte-runs'
import { CHUNK_BYTES_MAX } from '@skerry/core/chunks/cutter'
import { type Batch, batchesOf, fetchedBytes, isWorthwhile, type Part } from '@skerry/core/chunks/delta-plan'
import type { DifferenceBlock } from '@skerry/core/chunks/difference-blocks'
import { placeInReference } from '@skerry/core/chunks/reference-places'
import { type Download, type DownloadProblem, type DownloadResult, NO_ROOM } from '../blobs/blob-download.ts'
import type { BlobFolder } from '../blobs/blob-folder.ts'
import type { BlobPart } from '../blobs/blob-part.ts'
import type { ReadableFile } from '../files/tar-view.ts'
import { problemOfError } from '../network/https-client.ts'
import type { Clock } from '../process/clock.ts'
import { retry } from '../process/retry.ts'
import { type Group, idOf, readPage } from './chunk-index.ts'
import { type OpenedIndex, openSignedIndex } from './chunk-signature.ts'
import {
  type Answer,
  type DeltaRequests,
  deltaRequests,
  type IndexAnswer,
  type OpenRuns,
  type SendToHub,
} from './delta-requests.ts'
import { BlockMalformed } from './difference-coding.ts'
import { type Found, findInSeeds, type Seed } from './find-seeds.ts'

export type DeltaDownload = {
  send: SendToHub
  digest: Digest
  sizeBytes: number
  /** The keys (PEM) of the hub that this device learned when it joined. */
  trustedKeys: readonly string[]
  /** The most likely ones first. */
  seeds: readonly Seed[]
  folder: Pick<BlobFolder, 'openPart' | 'hasRoomFor'>
  clock: Pick<Clock, 'sleep'>
  random: () => number
  /** As for whole files. It is called for each piece that arrives, also of the index. */
  onPiece?: Download['onPiece']
}

/** `whole`: fetch the whole file instead; the bytes that are here already stay. */
export type DeltaOutcome =
  | { kind: 'done'; result: DownloadResult; copiedBytes: number; reference?: ReferenceUse }
  | { kind: 'whole'; reason: string }

/** The old file against which the hub coded the chunks, and the reason for which the device gave it up. */
export type ReferenceUse = { digest: Digest; problem?: string }

/** As for whole files: some 40 s without a single byte. */
const ATTEMPTS_MAX = 6
const BACKOFF = { baseMs: 500, maxMs: 15_000 }

/** Fetches the missing chunks of the file. */
export async function downloadDelta(delta: DeltaDownload, signal: AbortSignal): Promise<DeltaOutcome> {
  const { folder, digest, sizeBytes } = delta
  const requests = deltaRequests(delta.send, digest, delta.onPiece)
  const index = await patiently(delta, () => readIndex(delta, requests, signal), signal)
  if (index.kind === 'whole') return index
  if (index.kind === 'failed') return failed(index.problem)
  const opened = await folder.openPart(digest, signal, sizeBytes)
  if (!opened.ok) return failed({ ...opened, retryable: true })
  await using part = opened.part
  if (part.sizeBytes > sizeBytes) await part.reset()
  if (!(await folder.hasRoomFor(sizeBytes - part.sizeBytes))) return failed(NO_ROOM)
  const planned = await planParts(delta, { requests, index: index.value, from: part.sizeBytes }, signal)
  if (planned.kind === 'whole') return planned
  if (planned.kind === 'failed') return failed(planned.problem)
  await using files = openSeedFiles()
  const reference = index.value.hasDifferences ? referenceFor(planned.value, delta) : undefined
  const parts = reference ? referred(planned.value, reference) : planned.value
  const fetching: Fetching = { part, requests, files, parts, copiedBytes: 0, reference }
  const outcome = await fetchPatiently(delta, fetching, signal)
  if (outcome.kind === 'whole') return outcome
  if (outcome.kind === 'failed') return failed(outcome.problem)
  const committed = await part.commit(digest)
  if (committed.ok) {
    const result = { ok: true as const, sizeBytes, receivedBytes: requests.receivedBytes() }
    return { kind: 'done', result, copiedBytes: fetching.copiedBytes, ...usedReference(fetching) }
  }
  if (committed.code === 'storage_full') return failed(NO_ROOM)
  return { kind: 'whole', reason: 'the bytes on this disk have changed; all of them are fetched' }
}

const failed = (problem: DownloadProblem): DeltaOutcome => ({ kind: 'done', result: problem, copiedBytes: 0 })

const usedReference = ({ reference, referenceUse }: Fetching): { reference?: ReferenceUse } =>
  referenceUse ? { reference: referenceUse } : reference ? { reference: { digest: reference.digest } } : {}

type Place = Found

type Index = Extract<OpenedIndex, { ok: true }> & Pick<IndexAnswer, 'hasDifferences'>

async function readIndex(
  { digest, sizeBytes, trustedKeys }: DeltaDownload,
  requests: DeltaRequests,
  signal: AbortSignal,
): Promise<Answer<Index>> {
  const answer = await requests.index(signal)
  if (answer.kind !== 'ok') return answer
  const { bytes, hasDifferences } = answer.value
  const index = openSignedIndex(bytes, { blob: digest, sizeBytes, trustedKeys })
  if (!index.ok) return { kind: 'whole', reason: `the index of the file is rejected: ${index.message}` }
  return { kind: 'ok', value: { ...index, hasDifferences } }
}

/** Which parts of the file lie on this disk. Groups first, then the chunks of the missing groups. */
async function planParts(
  delta: DeltaDownload,
  { requests, index, from }: { requests: DeltaRequests; index: Index; from: number },
  signal: AbortSignal,
): Promise<Answer<Part<Place>[]>> {
  const { sizeBytes, seeds } = delta
  const groups = index.groups.filter(({ start, length }) => start + length > from)
  const ids = new Set(groups.map(({ id }) => id))
  const found = await findInSeeds(seeds, 'group', ids, signal)
  const isNoHelp = found.size === 0 && seeds.length === 0 && index.coding === 'identity'
  if (isNoHelp) return { kind: 'whole', reason: 'no file on this disk can help' }
  const missing = groups.filter(({ id }) => !found.has(id))
  const read = await patiently(delta, () => readPages(requests, missing, signal), signal)
  if (read.kind !== 'ok') return read
  const chunkIds = new Set(read.value.flatMap(({ id }) => id))
  const places = await findInSeeds(seeds, 'chunk', chunkIds, signal)
  const parts: Part<Place>[] = [
    ...groups.filter(({ id }) => found.has(id)).map((group) => ({ ...runOf(group), place: found.get(group.id) })),
    ...read.value.map((chunk) => ({ ...chunk, place: places.get(chunk.id) })),
  ].sort((one, other) => one.start - other.start)
  if (index.coding === 'identity' && !isWorthwhile(fetchedBytes(parts), sizeBytes - from)) {
    return { kind: 'whole', reason: 'the chunks on this disk save less than a fifth' }
  }
  return { kind: 'ok', value: parts }
}

const runOf = ({ id, start, length }: Group) => ({ id, start, length })

async function readPages(
  requests: DeltaRequests,
  groups: readonly Group[],
  signal: AbortSignal,
): Promise<Answer<(ByteRun & { id: string })[]>> {
  const chunks: (ByteRun & { id: string })[] = []
  for (let first = 0; first < groups.length; first += RUNS_MAX) {
    const wanted = groups.slice(first, first + RUNS_MAX)
    const runs = joinRuns(wanted.map(({ pageStart, pageLength }) => ({ start: pageStart, length: pageLength })))
    const answer = await requests.pages(runs, signal)
    if (answer.kind !== 'ok') return answer
    let at = 0
    for (const group of wanted) {
      const page = readPage(group, answer.value.subarray(at, at + group.pageLength))
      if (!page) return { kind: 'whole', reason: 'a page of the index does not belong to this file' }
      for (const chunk of page) chunks.push(chunk)
      at += group.pageLength
    }
  }
  return { kind: 'ok', value: chunks }
}

type HubFile = Seed & { sizeBytes: number }

/** A file that shares no chunk may still be the version before, with all of its weights tuned: it has nearly this size. */
const LIKE_SIZE_MAX = 1.25

/** The old file from which most bytes are copied; or else the most likely one. */
function referenceFor(parts: readonly Part<Place>[], { seeds, sizeBytes }: DeltaDownload): HubFile | undefined {
  const copied = new Map<Digest, number>()
  for (const { place, length } of parts)
    if (place) copied.set(place.seed.digest, (copied.get(place.seed.digest) ?? 0) + length)
  const copiedFrom = ({ digest }: HubFile) => copied.get(digest) ?? 0
  const isLike = (size: number) => Math.max(size, sizeBytes) <= LIKE_SIZE_MAX * Math.min(size, sizeBytes)
  return seeds
    .filter((seed): seed is HubFile => seed.sizeBytes !== undefined && seed.sizeBytes >= CHUNK_BYTES_MAX)
    .filter((seed) => copiedFrom(seed) > 0 || isLike(seed.sizeBytes))
    .sort((one, other) => copiedFrom(other) - copiedFrom(one))[0]
}

const referred = (parts: readonly Part<Place>[], { digest, sizeBytes }: HubFile): Part<Place>[] =>
  placeInReference(parts, {
    sizeBytes,
    startOf: ({ seed, start }) => (seed.digest === digest ? start : undefined),
  })

type Fetching = {
  /** Undefined if the chunks are fetched without an old file. */
  reference: HubFile | undefined
  /** Set when the device gave the old file up. */
  referenceUse?: ReferenceUse
  part: BlobPart
  requests: DeltaRequests
  files: SeedFiles
  parts: readonly Part<Place>[]
  copiedBytes: number
}

type Step = { kind: 'ok' } | Exclude<Answer<never>, { kind: 'ok' }>

/** The hub may restart, or another one takes its place. */
function patiently<Outcome extends Step>(
  { clock, random }: Pick<DeltaDownload, 'clock' | 'random'>,
  attempt: () => Promise<Outcome>,
  signal: AbortSignal,
  hasProgressed = () => false,
): Promise<Outcome> {
  return retry(
    attempt,
    {
      ...BACKOFF,
      attemptsMax: ATTEMPTS_MAX,
      clock,
      random,
      isRetryable: (step) => step.kind === 'failed' && step.problem.retryable,
      waitMs: (step) => (step.kind === 'failed' ? step.problem.retryAfterMs : undefined),
      hasProgressed,
    },
    signal,
  )
}

function fetchPatiently(delta: DeltaDownload, it: Fetching, signal: AbortSignal): Promise<Step> {
  let seenBytes = it.part.sizeBytes
  const hasProgressed = () => {
    const isMore = it.part.sizeBytes > seenBytes
    seenBytes = it.part.sizeBytes
    return isMore
  }
  return patiently(delta, () => fetchAll(it, signal), signal, hasProgressed)
}

async function fetchAll(it: Fetching, signal: AbortSignal): Promise<Step> {
  const left = it.parts.filter(({ start, length }) => start + length > it.part.sizeBytes)
  for (const batch of batchesOf(left)) {
    const step = await fetchBatch(it, batch, signal)
    if (step.kind === 'whole' && it.reference) {
      it.referenceUse = { digest: it.reference.digest, problem: step.reason }
      it.reference = undefined
      return fetchAll(it, signal)
    }
    if (step.kind !== 'ok') return step
  }
  return { kind: 'ok' }
}

async function fetchBatch(it: Fetching, { parts, runs }: Batch<Place>, signal: AbortSignal): Promise<Step> {
  let open: OpenRuns | undefined
  try {
    for (const part of parts) {
      if (!part.place && !open) {
        const answer = await openRuns(it, runs, signal)
        if (answer.kind !== 'ok') return answer
        open = answer.value
      }
      const step = part.place ? await copy(it, part, part.place) : await receive(it, part, open, signal)
      if (step.kind !== 'ok') return step
      signal.throwIfAborted()
    }
    return { kind: 'ok' }
  } finally {
    open?.close()
  }
}

function openRuns(it: Fetching, runs: readonly ReferredRun[], signal: AbortSignal): Promise<Answer<OpenRuns>> {
  const { reference, requests, files } = it
  if (!reference) return requests.runs(joinRuns(runs), signal)
  const oldBytes = async (block: DifferenceBlock) => {
    const file = await files.open(reference)
    const bytes = Buffer.alloc(block.length)
    let filled = 0
    for (const { from, length } of block.runs) {
      // A file that was cut meanwhile leaves zeros, and its chunks are rejected by their ids.
      await file?.read(bytes.subarray(filled, filled + length), from)
      filled += length
    }
    return bytes
  }
  return requests.differences(reference.digest, { runs, oldBytes }, signal)
}

async function receive(
  it: Fetching,
  { id, length, start }: Part<Place>,
  open: OpenRuns | undefined,
  signal: AbortSignal,
): Promise<Step> {
  let bytes: Buffer | undefined
  try {
    bytes = await open?.reader.read(length)
  } catch (error) {
    if (isMalformed(error)) return { kind: 'whole', reason: 'the hub sent chunks that cannot be decompressed' }
    return { kind: 'failed', problem: problemOfError(error, signal) }
  }
  if (!bytes) return { kind: 'whole', reason: 'the hub sent a chunk that is cut short' }
  if (idOf(bytes) !== id) return { kind: 'whole', reason: 'the hub sent a chunk that does not belong to this file' }
  return append(it, bytes, start)
}

/** [node:zlib] The codes of errors in the compressed bytes. */
const isMalformed = (error: unknown): boolean =>
  error instanceof BlockMalformed ||
  (error instanceof Error && 'code' in error && /^(ZSTD_|Z_|ERR_ZLIB)/.test(String(error.code)))

async function copy(it: Fetching, { length, start }: Part<Place>, { seed, start: at }: Place): Promise<Step> {
  const file = await it.files.open(seed)
  const bytes = Buffer.allocUnsafe(length)
  if ((await file?.read(bytes, at)) !== length)
    return { kind: 'whole', reason: 'a file on this disk was removed meanwhile' }
  it.copiedBytes += length
  return append(it, bytes, start)
}

/** The first part may begin before the bytes that are here already. */
async function append({ part }: Fetching, bytes: Buffer, start: number): Promise<Step> {
  const appended = await part.append(bytes.subarray(part.sizeBytes - start), part.sizeBytes)
  return appended.ok ? { kind: 'ok' } : { kind: 'failed', problem: NO_ROOM }
}

type SeedFiles = AsyncDisposable & { open(seed: Seed): Promise<ReadableFile | undefined> }

/** Each seed is opened once. */
function openSeedFiles(): SeedFiles {
  const files = new Map<Digest, ReadableFile | undefined>()
  return {
    async open(seed) {
      if (!files.has(seed.digest)) files.set(seed.digest, await seed.open())
      return files.get(seed.digest)
    },
    async [Symbol.asyncDispose]() {
      for (const file of files.values()) await file?.close()
    },
  }
}
