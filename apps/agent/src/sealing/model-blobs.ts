/**
 * Model blobs: the files of models on this device, in one of two forms: plain (`blobs`), or sealed (`sealed`). One form
 * is wanted. Files in the other form are as good, until they have been converted. In both forms, the digest of its
 * plain bytes names a file. Invariants: a file is removed in one form only when it is whole and durable in the other.
 * While a caller reads files by their paths, no file moves.
 */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '@skerry/contract/values/digest'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import { type BlobFolder, type BlobForm, openBlobFolder, type VerifyResult } from '@skerry/platform/blobs/blob-folder'
import { chunksOf, type FileHandle, type FileSystem } from '@skerry/platform/files/file-system'
import { openSealedFile, resumeSealedFile } from '@skerry/platform/sealing/sealed-file'
import { fileSealOf, HEADER_BYTES, keyIdOf, plainSizeOf, SealBroken } from '@skerry/platform/sealing/sealed-format'
import type { ModelKeys } from './model-key.ts'
import { createSharedLock } from './shared-lock.ts'

type Shared =
  | 'has'
  | 'verify'
  | 'openPart'
  | 'listParts'
  | 'removePart'
  | 'list'
  | 'remove'
  | 'freeBytes'
  | 'hasRoomFor'

export type Converted = { ok: true } | { ok: false; code: string; message: string }

export type ModelBlobs = Pick<BlobFolder, Shared> & {
  /** The plain bytes of the file. Undefined if it is missing, or if its key is. */
  open(digest: Digest): Promise<FileHandle | undefined>
  /** The path of the file, and the means to open it. */
  fileOf(digest: Digest): Promise<Omit<SourceFile, 'name'>>
  /** No file is moved until the work has ended. */
  whileStill<T>(work: () => Promise<T>): Promise<T>
  /** Files that are not in the wanted form, or not under the newest key. */
  strays(): Promise<Digest[]>
  /** Converts one file to that form. */
  convert(digest: Digest, signal: AbortSignal): Promise<Converted>
  /** Removes the rest of the other form that has no whole file: parts and damaged files. */
  clearOther(): Promise<void>
}

export type ModelBlobsOptions = {
  fileSystem: FileSystem
  data: string
  freeBytesMin: () => number
  wanted: 'plain' | 'sealed'
  /** Undefined if files are sealed and the key is missing: then they are kept, and not touched. */
  keys: (() => ModelKeys) | undefined
}

const LOCKED = 'the encryption key of the models is missing'

/** Both folders in the data folder. */
export async function openModelBlobs(options: ModelBlobsOptions): Promise<ModelBlobs> {
  const { fileSystem, data, wanted, keys } = options
  const plain = await openBlobFolder({ ...options, path: join(data, 'blobs') })
  const sealed = await openBlobFolder({ ...options, path: join(data, 'sealed'), form: formOf(keys) })
  const [right, other] = wanted === 'plain' ? [plain, sealed] : [sealed, plain]
  const lock = createSharedLock()
  const converting = new Set<string>()
  const it = { ...options, plain, sealed, right, other, lock }
  return {
    has: async (digest) => (await right.has(digest)) || other.has(digest),
    verify: (digest, signal) => lock.shared(() => verifyAny([right, other], digest, keys !== undefined, signal)),
    openPart: right.openPart,
    async listParts() {
      return (await right.listParts()).filter(({ key }) => !converting.has(key))
    },
    removePart: right.removePart,
    async *list() {
      for await (const entry of right.list()) yield entry
      for await (const entry of other.list()) if (!(await right.has(entry.digest))) yield entry
    },
    remove: (digest) =>
      lock.alone(async () => {
        await right.remove(digest)
        await other.remove(digest)
      }),
    async open(digest) {
      if (wanted === 'sealed' && !keys) return plain.open(digest)
      return (await right.open(digest)) ?? (keys ? await other.open(digest) : undefined)
    },
    freeBytes: right.freeBytes,
    hasRoomFor: right.hasRoomFor,
    fileOf: (digest) => fileOf(it, digest),
    whileStill: lock.shared,
    strays: () => strays(it),
    async convert(digest, signal) {
      const name = digest.replace(':', '-')
      converting.add(name)
      try {
        return await convert(it, digest, signal)
      } finally {
        converting.delete(name)
      }
    },
    async clearOther() {
      for (const { key } of await other.listParts()) await other.removePart(key)
      const damaged = join(data, wanted === 'plain' ? 'sealed' : 'blobs', 'quarantine')
      for (const name of await fileSystem.list(damaged)) await fileSystem.removeFile(join(damaged, name))
    },
  }
}

type Opened = ModelBlobsOptions & {
  plain: BlobFolder
  sealed: BlobFolder
  right: BlobFolder
  other: BlobFolder
  lock: ReturnType<typeof createSharedLock>
}

function formOf(keys: ModelBlobsOptions['keys']): BlobForm {
  const known = () => {
    if (!keys) throw new Error(LOCKED)
    return keys()
  }
  return {
    open: (file, digest) => openSealedFile(file, known(), digest),
    resume: (file, whole) => resumeSealedFile(file, known(), whole),
    plainSizeOf,
    isDamage: (error) => error instanceof SealBroken,
  }
}

/** The first whole file, or else the problem of the last one. A file without its key is neither whole nor damaged. */
async function verifyAny(
  folders: readonly BlobFolder[],
  digest: Digest,
  isUnlocked: boolean,
  signal: AbortSignal,
): Promise<VerifyResult> {
  let found: VerifyResult | undefined
  for (const folder of folders) {
    if (!(await folder.has(digest))) continue
    const verdict = await folder.verify(digest, signal).catch((error: unknown): VerifyResult => {
      if (isUnlocked) throw error
      return { ok: false, code: 'blob_unknown', message: LOCKED }
    })
    if (verdict.ok) return verdict
    found = verdict
  }
  return found ?? { ok: false, code: 'blob_unknown', message: `${digest} is not stored here; fetch it` }
}

async function fileOf({ sealed, plain, keys }: Opened, digest: Digest): Promise<Omit<SourceFile, 'name'>> {
  if (!keys || !(await sealed.has(digest))) return { path: plain.pathOf(digest), seal: undefined }
  const path = sealed.pathOf(digest)
  return { path, seal: fileSealOf(keys(), await readHeader(path), digest) }
}

async function readHeader(path: string): Promise<Uint8Array> {
  await using file = await open(path)
  const header = new Uint8Array(HEADER_BYTES)
  const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0)
  return header.subarray(0, bytesRead)
}

async function strays({ right, other, sealed, keys, wanted }: Opened): Promise<Digest[]> {
  const found: Digest[] = []
  for await (const { digest } of other.list()) found.push(digest)
  const [newest, ...old] = keys?.() ?? []
  if (wanted === 'plain' || !newest || old.length === 0) return found
  for await (const { digest } of right.list()) {
    if (keyIdOf(await readHeader(sealed.pathOf(digest))) !== newest.id) found.push(digest)
  }
  return [...new Set(found)]
}

const BROKEN_COPY = 'its bytes are damaged; it will be fetched again'

async function convert(it: Opened, digest: Digest, signal: AbortSignal): Promise<Converted> {
  const { right, other, lock } = it
  const from = (await other.has(digest)) ? other : right
  // Both forms exist if a kill came between the two steps.
  if (from === other && (await right.has(digest)) && (await right.verify(digest, signal)).ok) {
    return lock.alone(async () => remove(other, digest))
  }
  const copied = await copy({ from, to: right, lock, digest }, signal).catch((error: unknown) => {
    if (error instanceof SealBroken) return { ok: false as const, code: 'blob_damaged', message: BROKEN_COPY }
    throw error
  })
  if (copied.ok && from === other) return lock.alone(async () => remove(other, digest))
  // The damaged file is moved away, so that it is fetched again.
  if (!copied.ok && copied.code === 'blob_damaged') await lock.alone(async () => from.verify(digest, signal))
  return copied
}

async function remove(folder: BlobFolder, digest: Digest): Promise<Converted> {
  await folder.remove(digest)
  return { ok: true }
}

type Copy = { from: BlobFolder; to: BlobFolder; lock: Opened['lock']; digest: Digest }

async function copy({ from, to, lock, digest }: Copy, signal: AbortSignal): Promise<Converted> {
  const totalBytes = await from.sizeOf(digest)
  if (totalBytes === undefined) return { ok: true }
  const opened = await to.openPart(digest, signal, totalBytes)
  if (!opened.ok) return opened
  await using part = opened.part
  await part.reset()
  await using file = await from.open(digest)
  if (!file) return { ok: true }
  for await (const piece of chunksOf(file)) {
    signal.throwIfAborted()
    const appended = await part.append(piece, part.sizeBytes)
    if (!appended.ok) {
      await part.discard()
      return appended
    }
  }
  return await lock.alone(async () => {
    // The file was collected meanwhile: no version needs it in any form.
    if (!(await from.has(digest))) await part.discard()
    else {
      const committed = await part.commit(digest)
      if (!committed.ok && committed.code === 'upload_digest_wrong') {
        return { ok: false, code: 'blob_damaged', message: BROKEN_COPY }
      }
      if (!committed.ok) return committed
    }
    return { ok: true }
  })
}
