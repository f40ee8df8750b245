/**
 * Blob folder: files called by the sha256 of their bytes. The hub's blob store and the agent's model store are both one.
 *
 * Invariants: a file under `sha256/` was complete, durable and of its digest when it got its name, because the only way there is a part's
 * commit (write, fsync, rename, fsync of the folder). After a kill at any moment a blob is there whole or not at all; the part goes on
 * from the bytes that it has. Disks rot afterwards: `verify` reads a blob again, and moves a damaged one out of the way.
 */
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Digest } from '@skerry/contract/values/digest'
import { type ByteRange, chunksOf, type FileHandle, type FileSystem } from '../files/file-system.ts'
import { digestOfFile, digestOfStream } from '../files/hash.ts'
import { blobLayout, digestOfName, isShardName } from './blob-layout.ts'
import { type BlobPart, openBlobPart } from './blob-part.ts'

export type BlobEntry = { digest: Digest; sizeBytes: number; modifiedAtMs: number }
/** `key` is the part's name on the disk: a digest shows as `sha256-...`, which `openPart` and `removePart` take too. */
export type PartEntry = { key: string; sizeBytes: number; modifiedAtMs: number }

export type OpenPartResult = { ok: true; part: BlobPart } | { ok: false; code: 'upload_busy'; message: string }

export type VerifyResult =
  | { ok: true; sizeBytes: number }
  | { ok: false; code: 'blob_unknown' | 'blob_damaged'; message: string }

export type BlobFolder = {
  has(digest: Digest): Promise<boolean>
  /** Undefined when the blob is not here. */
  sizeOf(digest: Digest): Promise<number | undefined>
  /** Where the blob lies, or would lie: for those who must open it by path, such as the runtime. Never write there. */
  pathOf(digest: Digest): string
  /** Undefined when the blob is not here. A blob that is removed while open stays readable until it is closed. */
  open(digest: Digest): Promise<FileHandle | undefined>
  /** The bytes from `start` to `end`, both included. A missing blob shows as an ENOENT error of the stream. */
  createReadStream(digest: Digest, range?: ByteRange): Readable
  /**
   * Opens the part `key` (an upload's id, or the digest being fetched), new or as it was left; its bytes are read back and hashed.
   * One holder at a time. Close it with `await using`. Where files are kept in another form, the size of the whole must be told.
   */
  openPart(key: string, signal: AbortSignal, totalBytes?: number): Promise<OpenPartResult>
  listParts(): Promise<PartEntry[]>
  /** Removes a part that nobody holds. */
  removePart(key: string): Promise<void>
  /** All blobs, in the order of their digests. */
  list(): AsyncIterable<BlobEntry>
  /** Removes a blob; a missing one is fine. */
  remove(digest: Digest): Promise<void>
  /** Reads the blob again. A damaged one is moved to quarantine, so that it is no longer served and can be fetched anew. */
  verify(digest: Digest, signal: AbortSignal): Promise<VerifyResult>
  freeBytes(): Promise<number>
  /** Whether so many bytes can come without eating into the floor. */
  hasRoomFor(sizeBytes: number): Promise<boolean>
}

/** In which form files lie, where that is not as they are. */
export type BlobForm = {
  /** A whole blob, for reading. Throws where it cannot be one. */
  open(file: FileHandle, digest: Digest): Promise<FileHandle>
  /** A part, to go on with. */
  resume(file: FileHandle, whole: { digest: Digest; totalBytes: number }): Promise<FileHandle>
  plainSizeOf(storedBytes: number): number
  /** Whether an error says that the bytes on the disk are wrong, and no other thing. */
  isDamage(error: unknown): boolean
}

export type BlobFolderOptions = {
  fileSystem: FileSystem
  path: string
  form?: BlobForm
  /** So much of the disk stays free whatever arrives: the machine, and the databases beside us, must go on working. */
  freeBytesMin: number | (() => number)
}

/** Opens the folder, and makes it where it is missing. */
export async function openBlobFolder(options: BlobFolderOptions): Promise<BlobFolder> {
  const { fileSystem, path, freeBytesMin, form } = options
  const layout = blobLayout(path)
  for (const folder of [layout.shards, layout.parts, layout.quarantine]) await fileSystem.makeFolder(folder)
  await fileSystem.syncFolder(path)
  const held = new Set<string>()
  const floorBytes = typeof freeBytesMin === 'number' ? () => freeBytesMin : freeBytesMin

  const plainSizeOf = form?.plainSizeOf ?? ((storedBytes: number) => storedBytes)
  const sizeOf = async (digest: Digest) => {
    const stat = await fileSystem.stat(layout.blobOf(digest))
    return stat && plainSizeOf(stat.sizeBytes)
  }
  const has = async (digest: Digest) => (await sizeOf(digest)) !== undefined
  const freeBytes = () => fileSystem.freeBytes(path)
  const hasRoomFor = async (sizeBytes: number) => (await freeBytes()) - sizeBytes >= floorBytes()

  return {
    has,
    sizeOf,
    pathOf: layout.blobOf,
    open: async (digest) => ((await has(digest)) ? openBlob(options, layout.blobOf(digest), digest) : undefined),
    createReadStream(digest, range) {
      if (form) throw new Error('a blob in another form is read by its handle')
      return fileSystem.createReadStream(layout.blobOf(digest), range)
    },
    async openPart(key, signal, totalBytes) {
      const name = layout.partOf(key)
      if (held.has(name)) {
        return {
          ok: false,
          code: 'upload_busy',
          message: 'another connection is writing this part; wait until it ends',
        }
      }
      held.add(name)
      try {
        const deps = { fileSystem, layout, hasRoomFor, formed: formerOf(form, key, totalBytes) }
        return { ok: true, part: await openBlobPart(deps, key, () => held.delete(name), signal) }
      } catch (error) {
        held.delete(name)
        throw error
      }
    },
    listParts: () => listParts(fileSystem, layout.parts),
    async removePart(key) {
      if (held.has(layout.partOf(key))) throw new Error(`part ${key} is being written`)
      await fileSystem.removeFile(layout.partOf(key))
    },
    list: () => listBlobs(fileSystem, layout.shards, plainSizeOf),
    remove: (digest) => fileSystem.removeFile(layout.blobOf(digest)),
    async verify(digest, signal) {
      if (!(await has(digest))) return { ok: false, code: 'blob_unknown', message: `${digest} is not here; fetch it` }
      const found = await measure(options, layout.blobOf(digest), digest, signal)
      if (found?.digest === digest) return { ok: true, sizeBytes: found.sizeBytes }
      // One is kept, for whoever wants to see what the disk did; more would fill a failing disk with rubbish.
      for (const name of await fileSystem.list(layout.quarantine))
        await fileSystem.removeFile(join(layout.quarantine, name))
      await fileSystem.rename(layout.blobOf(digest), layout.quarantineOf(digest))
      return { ok: false, code: 'blob_damaged', message: `the bytes of ${digest} changed on the disk; fetch it again` }
    },
    freeBytes,
    hasRoomFor,
  }
}

async function openBlob({ fileSystem, form }: BlobFolderOptions, path: string, digest: Digest): Promise<FileHandle> {
  const file = await fileSystem.open(path, 'r')
  if (!form) return file
  try {
    return await form.open(file, digest)
  } catch (error) {
    await file.close()
    throw error
  }
}

function formerOf(form: BlobForm | undefined, key: string, totalBytes: number | undefined) {
  if (!form) return undefined
  if (totalBytes === undefined) throw new Error(`the size of ${key} is not known`)
  return (file: FileHandle) => form.resume(file, { digest: Digest.parse(key), totalBytes })
}

/** Undefined where the bytes are not even in the form that they should have. */
async function measure(options: BlobFolderOptions, path: string, digest: Digest, signal: AbortSignal) {
  const { fileSystem, form } = options
  if (!form) return digestOfFile(fileSystem, path, signal)
  try {
    await using file = await openBlob(options, path, digest)
    return await digestOfStream(chunksOf(file), signal)
  } catch (error) {
    if (form.isDamage(error)) return undefined
    throw error
  }
}

async function listParts(fileSystem: FileSystem, folder: string): Promise<PartEntry[]> {
  const entries: PartEntry[] = []
  for (const key of await fileSystem.list(folder)) {
    const stat = await fileSystem.stat(join(folder, key))
    if (stat) entries.push({ key, sizeBytes: stat.sizeBytes, modifiedAtMs: stat.modifiedAtMs })
  }
  return entries
}

async function* listBlobs(
  fileSystem: FileSystem,
  shards: string,
  plainSizeOf: BlobForm['plainSizeOf'],
): AsyncGenerator<BlobEntry> {
  for (const shard of (await fileSystem.list(shards)).filter(isShardName)) {
    for (const name of await fileSystem.list(join(shards, shard))) {
      const digest = digestOfName(name)
      const stat = digest && (await fileSystem.stat(join(shards, shard, name)))
      if (digest && stat) yield { digest, sizeBytes: plainSizeOf(stat.sizeBytes), modifiedAtMs: stat.modifiedAtMs }
    }
  }
}
