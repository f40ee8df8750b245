/**
 * Blob part: a blob that is still arriving, possibly over many connections and restarts. Bytes are hashed as they are written; when a
 * part is opened again its bytes are read back and hashed, so the hash always is that of what the disk holds.
 *
 * Invariants: bytes [0, sizeBytes) of the file are what was accepted, and `hasher` has had exactly those. What a failed write left beyond
 * sizeBytes does not count and is cut off before the part becomes a blob.
 */
import type { Digest } from '@skerry/contract/values/digest'
import { type FileHandle, type FileSystem, hasNoRoom } from '../files/file-system.ts'
import { createHasher, type Hasher } from '../files/hash.ts'
import type { BlobLayout } from './blob-layout.ts'

export type AppendResult =
  | { ok: true; sizeBytes: number }
  | { ok: false; code: 'upload_offset_wrong' | 'storage_full'; message: string; sizeBytes: number }

export type CommitResult =
  | { ok: true; digest: Digest; sizeBytes: number }
  | { ok: false; code: 'upload_digest_wrong' | 'storage_full'; message: string }

export type BlobPartDeps = {
  fileSystem: FileSystem
  layout: BlobLayout
  /** False when the next bytes would eat into the space that is kept free. */
  hasRoomFor(sizeBytes: number): Promise<boolean>
  /** The file in the form that files have here; as it is where absent. */
  formed: ((file: FileHandle) => Promise<FileHandle>) | undefined
}

/** Reading back in pieces keeps a resumed 10 GB part from being held in memory; 1 MiB hashes in about a millisecond. */
const CHUNK_BYTES = 1024 * 1024

/** statfs costs microseconds, but not nothing: it is asked once for this many bytes. The floor is far wider than that. */
const ROOM_STEP_BYTES = 8 * 1024 * 1024

/** Opens the part `key`, new or as an earlier run left it. `onClose` is called once, when it is closed. */
export async function openBlobPart(
  deps: BlobPartDeps,
  key: string,
  onClose: () => void,
  signal: AbortSignal,
): Promise<BlobPart> {
  const path = deps.layout.partOf(key)
  const stored = await openOrCreate(deps.fileSystem, path)
  let file = stored
  try {
    file = (await deps.formed?.(stored)) ?? stored
    const hasher = createHasher()
    const sizeBytes = await readBack(file, hasher, signal)
    return new BlobPart({ deps, path, file, hasher, sizeBytes, onClose })
  } catch (error) {
    await file.close()
    throw error
  }
}

/** An open part; made by `openBlobPart`. Calls follow one another: never start one before the last has ended. */
export class BlobPart implements AsyncDisposable {
  readonly #deps: BlobPartDeps
  readonly #path: string
  readonly #file: FileHandle
  readonly #onClose: () => void
  #hasher: Hasher
  #sizeBytes: number
  /** Up to this size the floor has been checked. */
  #roomUntil = 0
  #isOpen = true

  constructor(part: {
    deps: BlobPartDeps
    path: string
    file: FileHandle
    hasher: Hasher
    sizeBytes: number
    onClose: () => void
  }) {
    this.#deps = part.deps
    this.#path = part.path
    this.#file = part.file
    this.#hasher = part.hasher
    this.#sizeBytes = part.sizeBytes
    this.#onClose = part.onClose
  }

  /** How many bytes are there; the offset at which to go on. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Adds bytes at `offset`, which must be `sizeBytes`. After a refusal the part is as it was before. */
  async append(bytes: Uint8Array, offset: number): Promise<AppendResult> {
    const sizeBytes = this.#sizeBytes
    if (offset !== sizeBytes) {
      const message = `${sizeBytes} bytes are stored, not ${offset}; continue from ${sizeBytes}`
      return { ok: false, code: 'upload_offset_wrong', message, sizeBytes }
    }
    const hasRoom = await this.#makeSureOfRoom(sizeBytes + bytes.length)
    if (!hasRoom || !(await unlessFull(this.#file.write(bytes, offset)))) return { ...FULL, sizeBytes }
    this.#hasher.update(bytes)
    this.#sizeBytes += bytes.length
    return { ok: true, sizeBytes: this.#sizeBytes }
  }

  /** Forgets all bytes, to begin again from 0. */
  async reset(): Promise<void> {
    await this.#file.truncate(0)
    this.#hasher = createHasher()
    this.#sizeBytes = 0
    this.#roomUntil = 0
  }

  /**
   * Makes the part a blob: durable first, then visible. When the bytes have another digest the part is removed.
   * The part is closed either way, unless the disk is full: then it can be committed again.
   */
  async commit(expected: Digest): Promise<CommitResult> {
    const digest = this.#hasher.digest()
    if (digest !== expected) {
      await this.discard()
      const message = `the bytes are ${digest}, not ${expected}; send them again`
      return { ok: false, code: 'upload_digest_wrong', message }
    }
    if (!(await unlessFull(this.#publish(digest)))) return FULL
    await this.close()
    return { ok: true, digest, sizeBytes: this.#sizeBytes }
  }

  /** Closes and removes the part. */
  async discard(): Promise<void> {
    await this.close()
    await this.#deps.fileSystem.removeFile(this.#path)
  }

  /** Closes the part and keeps its bytes for later. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#onClose()
    await this.#file.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #makeSureOfRoom(sizeBytes: number): Promise<boolean> {
    if (sizeBytes <= this.#roomUntil) return true
    const aheadBytes = sizeBytes - this.#sizeBytes + ROOM_STEP_BYTES
    if (!(await this.#deps.hasRoomFor(aheadBytes))) return false
    this.#roomUntil = sizeBytes + ROOM_STEP_BYTES
    return true
  }

  async #publish(digest: Digest): Promise<void> {
    const { fileSystem, layout } = this.#deps
    // What a failed write left behind the accepted bytes must not become part of the blob.
    await this.#file.truncate(this.#sizeBytes)
    await this.#file.sync()
    await fileSystem.makeFolder(layout.shardOf(digest))
    await fileSystem.syncFolder(layout.shards)
    await fileSystem.rename(this.#path, layout.blobOf(digest))
    await fileSystem.syncFolder(layout.shardOf(digest))
  }
}

const FULL = {
  ok: false,
  code: 'storage_full',
  message: 'only the reserve of the disk is free; make room and continue',
} as const

async function openOrCreate(fileSystem: FileSystem, path: string): Promise<FileHandle> {
  const isThere = (await fileSystem.stat(path)) !== undefined
  return fileSystem.open(path, isThere ? 'r+' : 'wx+')
}

async function readBack(file: FileHandle, hasher: Hasher, signal: AbortSignal): Promise<number> {
  const sizeBytes = await file.sizeBytes()
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes))
  let position = 0
  while (position < sizeBytes) {
    signal.throwIfAborted()
    const length = await file.read(chunk, position)
    if (length === 0) break
    hasher.update(chunk.subarray(0, length))
    position += length
  }
  return position
}

/** False when the disk or the quota is full, which is an ordinary answer here; anything else is thrown. */
async function unlessFull(work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (hasNoRoom(error)) return false
    throw error
  }
}
