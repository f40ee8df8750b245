/**
 * S3 blobs: the bytes of blobs in a bucket, which several hubs may share.
 *
 *     PREFIX/sha256/ab/abcdef...   whole blobs, by their digest
 *     PREFIX/incoming/UPLOAD/N     bytes that are too few for a part yet (s3-incoming.ts)
 *     PREFIX/ledger.json           which database owns the blobs (ledger/ledger-file.ts)
 *     PREFIX/quarantine/abcdef...  blobs that were found damaged, for a person who examines the damage
 */
import { rm } from 'node:fs/promises'
import type { Digest } from '@skerry/contract/values/digest'
import { digestOfName } from '@skerry/platform/blobs/blob-layout'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { createHasher, hexOf } from '@skerry/platform/files/hash'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { isProblem, problem } from '../http/problem.ts'
import type { IncomingLedger } from '../uploads/incoming-ledger.ts'
import type { BlobBytes } from './blob-bytes.ts'
import { openS3Bucket, type S3Bucket, type S3BucketOptions, type S3Limits } from './s3-bucket.ts'
import { createS3Incoming } from './s3-incoming.ts'
import type { S3Location } from './s3-location.ts'
import { readObject } from './s3-read.ts'
import { createStraySweep } from './s3-strays.ts'

export type S3BlobsOptions = {
  location: S3Location
  ledger: IncomingLedger
  /** The file system on which blobs are laid out as files. */
  fileSystem: FileSystem
  hasRoomOnDisk(sizeBytes: number): Promise<boolean>
  clock: Clock
  random: () => number
  log: Log
  limits?: Partial<S3Limits & { idleMs: number; probeMs: number }>
  /** Called for each call that failed after all its tries. */
  onTrouble?: S3BucketOptions['onTrouble']
}

/** The time for which a body may send no byte while the reader waits. */
const IDLE_MS = 20_000

/** A client of the readiness check waits for a few seconds at most. */
const PROBE_MS = 3_000

/**
 * Opens the store on the bucket. It sends no request until the bucket is needed, so a hub starts while its store is
 * down.
 */
export function openS3Blobs(options: S3BlobsOptions): BlobBytes {
  const { location, ledger, log, clock, random, limits = {} } = options
  const bucket = openS3Bucket({ location, log, limits, onTrouble: options.onTrouble ?? (() => {}) })
  const strays = createStraySweep({ bucket, ledger, clock, log, below: WHOLE })
  const reading = { bucket, clock, random, idleMs: limits.idleMs ?? IDLE_MS }
  const read: BlobBytes['read'] = (digest, range, signal) =>
    readObject(reading, { key: keyOf(digest), range, missing: () => problem('blob_unknown') }, signal)
  const readAll = async (key: string, signal: AbortSignal) => {
    const missing = () => problem('hub_unavailable', 'the store lost a part of this upload; start it again')
    const chunks: Uint8Array[] = []
    for await (const chunk of readObject(reading, { key, range: {}, missing }, signal)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  return {
    place: `s3://${location.bucket}/${location.prefix}`,
    sizeOf: async (digest, signal) => (await bucket.head(keyOf(digest), signal))?.sizeBytes,
    read,
    // An empty object has no range.
    pieces: (digest, range, signal) => read(digest, range.end < range.start ? {} : range, signal),
    put: (digest, bytes, signal) => bucket.put(keyOf(digest), bytes, signal),
    layOut: (digest, path, signal) => layOut(options, { digest, path, bytes: read(digest, {}, signal) }),
    verify: (digest, signal) => verify(bucket, { digest, bytes: read(digest, {}, signal) }, signal),
    list: (signal) => listBlobs(bucket, signal),
    remove: (digest, signal) => bucket.remove(keyOf(digest), signal),
    readNote: async (name, signal) => ((await bucket.head(name, signal)) ? readAll(name, signal) : undefined),
    writeNote: (name, bytes, signal) => bucket.put(name, bytes, signal),
    removeNote: (name, signal) => bucket.remove(name, signal),
    hasRoomFor: async () => true,
    probe: (signal) => probe(bucket, AbortSignal.any([signal, AbortSignal.timeout(limits.probeMs ?? PROBE_MS)])),
    incoming: createS3Incoming({ bucket, ledger, log, keyOf, readAll, strays }),
    [Symbol.asyncDispose]: async () => bucket[Symbol.dispose](),
  }
}

const WHOLE = 'sha256/'

const keyOf = (digest: Digest): string => `${WHOLE}${hexOf(digest).slice(0, 2)}/${hexOf(digest)}`

type Source = { digest: Digest; bytes: AsyncIterable<Uint8Array> }

const unknownBlob = (digest: Digest) =>
  ({ ok: false, code: 'blob_unknown', message: `${digest} is not in the bucket; upload it again` }) as const

const damagedBlob = (digest: Digest) =>
  ({
    ok: false,
    code: 'blob_damaged',
    message: `the bytes of ${digest} changed in the bucket; upload it again`,
  }) as const

/** A copy, verified while it is written. */
async function layOut(
  { fileSystem, hasRoomOnDisk }: S3BlobsOptions,
  { digest, bytes, path }: Source & { path: string },
) {
  try {
    await using file = await fileSystem.open(path, 'wx')
    const hasher = createHasher()
    let sizeBytes = 0
    for await (const chunk of bytes) {
      if (!(await hasRoomOnDisk(chunk.length))) throw problem('storage_full')
      await file.write(chunk, sizeBytes)
      hasher.update(chunk)
      sizeBytes += chunk.length
    }
    if (hasher.digest() === digest) return { ok: true, sizeBytes } as const
  } catch (error) {
    await rm(path, { force: true })
    if (isProblem(error) && error.code === 'blob_unknown') return unknownBlob(digest)
    throw error
  }
  await rm(path, { force: true })
  return damagedBlob(digest)
}

async function verify(bucket: S3Bucket, { digest, bytes }: Source, signal: AbortSignal) {
  const hasher = createHasher()
  let sizeBytes = 0
  try {
    for await (const chunk of bytes) {
      hasher.update(chunk)
      sizeBytes += chunk.length
    }
  } catch (error) {
    if (isProblem(error) && error.code === 'blob_unknown') return unknownBlob(digest)
    throw error
  }
  if (hasher.digest() === digest) return { ok: true, sizeBytes } as const
  // [S3 API, CopyObject] One call cannot copy more than 5 GiB; a larger damaged blob is removed without a copy.
  await bucket.copy(keyOf(digest), `quarantine/${hexOf(digest)}`, signal).catch(() => signal.throwIfAborted())
  await bucket.remove(keyOf(digest), signal)
  return damagedBlob(digest)
}

async function* listBlobs(bucket: S3Bucket, signal: AbortSignal) {
  let after: string | undefined
  while (true) {
    const { objects, isLast } = await bucket.list({ below: WHOLE, ...(after !== undefined && { after }) }, signal)
    for (const { key, sizeBytes, modifiedAtMs } of objects) {
      const digest = digestOfName(key.slice(WHOLE.length + '00/'.length))
      if (digest && key === keyOf(digest)) yield { digest, sizeBytes, modifiedAtMs }
    }
    const last = objects.at(-1)
    if (isLast || !last) return
    after = last.key
  }
}

async function probe(bucket: S3Bucket, signal: AbortSignal) {
  try {
    await bucket.ask(signal)
    return { ok: true } as const
  } catch (error) {
    const message = isProblem(error) ? error.message : 'the blob store does not answer'
    return { ok: false, message } as const
  }
}
