/** Folder blobs: the bytes of blobs in a folder of the hub. */
import { randomBytes } from 'node:crypto'
import { link } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '@skerry/contract/values/digest'
import type { UploadId } from '@skerry/contract/values/ids'
import { type BlobFolder, type BlobFolderOptions, openBlobFolder } from '@skerry/platform/blobs/blob-folder'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import { type ByteRange, piecesOf } from '@skerry/platform/files/file-system'
import { problem, throwProblem } from '../http/problem.ts'
import { type Borrowed, createOpenParts, type OpenParts } from '../uploads/open-parts.ts'
import type { BlobBytes, IncomingBlob, IncomingBlobs, IncomingTarget } from './blob-bytes.ts'

/**
 * A part that a push to a version 0.1 hub left is no upload. A part that somebody may still need is younger than this.
 */
const STRAY_PART_MS = 86_400_000

/** A note names encryption keys that have ended. Other users of the machine must not read it. */
const OWNER_ONLY = 0o600

export type FolderBlobsOptions = BlobFolderOptions & { clock: { nowMs(): number; monotonicMs(): number } }

/** Opens the folder, and creates it if it is missing. */
export async function openFolderBlobs(options: FolderBlobsOptions): Promise<BlobBytes> {
  const folder = await openBlobFolder(options)
  const parts = createOpenParts(folder, options.clock)
  return {
    place: options.path,
    sizeOf: (digest) => folder.sizeOf(digest),
    read: (digest, range) => folder.createReadStream(digest, range),
    pieces: (digest, range, signal) => piecesOfBlob(folder, { digest, range }, signal),
    put: (digest, bytes, signal) => put(folder, { digest, bytes }, signal),
    async layOut(digest, path) {
      const sizeBytes = await folder.sizeOf(digest)
      if (sizeBytes === undefined) return { ok: false, code: 'blob_unknown', message: `${digest} is not stored here` }
      await link(folder.pathOf(digest), path)
      return { ok: true, sizeBytes }
    },
    verify: (digest, signal) => folder.verify(digest, signal),
    list: () => folder.list(),
    remove: (digest) => folder.remove(digest),
    readNote: (name) => readIfPresent(options.fileSystem, join(options.path, name)),
    writeNote: (name, bytes) => writeAtomic(options.fileSystem, join(options.path, name), bytes, OWNER_ONLY),
    removeNote: (name) => options.fileSystem.removeFile(join(options.path, name)),
    hasRoomFor: (sizeBytes) => folder.hasRoomFor(sizeBytes),
    probe: async () => ({ ok: true }),
    incoming: incomingOf(folder, parts, options.clock),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}

type Part = { digest: Digest; range: Required<ByteRange> }

async function* piecesOfBlob(folder: BlobFolder, { digest, range }: Part, signal: AbortSignal) {
  const file = await folder.open(digest)
  if (!file) throw problem('blob_unknown')
  await using open = file
  for await (const piece of piecesOf(open, range)) {
    signal.throwIfAborted()
    yield piece
  }
}

/**
 * Each call has a part of its own. Two hubs on one folder may store the same bytes at the same moment, and one of them
 * must not cut off the bytes that the other one has just made a blob.
 */
async function put(folder: BlobFolder, { digest, bytes }: { digest: Digest; bytes: Uint8Array }, signal: AbortSignal) {
  const opened = await folder.openPart(`put-${randomBytes(16).toString('hex')}`, signal)
  if (!opened.ok) throw new Error(opened.message)
  await using part = opened.part
  try {
    const written = await part.append(bytes, 0)
    if (!written.ok) throw problem('storage_full', written.message)
    const committed = await part.commit(digest)
    if (!committed.ok) throwProblem(committed)
  } catch (error) {
    // The next call has another part, and would leave this one on a full disk.
    await part.discard()
    throw error
  }
}

function incomingOf(folder: BlobFolder, parts: OpenParts, clock: { nowMs(): number }): IncomingBlobs {
  return {
    async offsetOf(id) {
      const part = (await folder.listParts()).find(({ key }) => key === id)
      return part?.sizeBytes ?? 0
    },
    async open(id: UploadId, target, signal) {
      const borrowed = await parts.borrow(id, signal)
      return borrowed && incomingBlob(borrowed, target)
    },
    async sweep(known) {
      await parts.closeIdle()
      let removed = 0
      for (const { key, modifiedAtMs } of await folder.listParts()) {
        const isStray = clock.nowMs() - modifiedAtMs >= STRAY_PART_MS
        if (known.has(key) || !(key.startsWith('upl_') || isStray)) continue
        if (!(await parts.close(key as UploadId))) continue
        await folder.removePart(key)
        removed += 1
      }
      return removed
    },
  }
}

function incomingBlob(borrowed: Borrowed, { digest }: IncomingTarget): IncomingBlob {
  const { part } = borrowed
  return {
    get sizeBytes() {
      return part.sizeBytes
    },
    async append(bytes) {
      const appended = await part.append(bytes, part.sizeBytes)
      if (!appended.ok) throwProblem(appended)
    },
    keep: async () => undefined,
    async commit() {
      const committed = await part.commit(digest)
      if (!committed.ok && committed.code === 'storage_full') throwProblem(committed)
      borrowed.drop()
      if (committed.ok) return { ok: true }
      return { ok: false, code: 'upload_digest_wrong', message: committed.message }
    },
    [Symbol.asyncDispose]: () => borrowed[Symbol.asyncDispose](),
  }
}
