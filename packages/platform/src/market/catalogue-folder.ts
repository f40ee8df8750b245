/**
 * Catalogue folder: reads and writes the files of a catalogue. A blob is read by its digest alone, which is no path, so
 * no name in a listing can leave the folder. Every read verifies the digest.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CATALOGUE_BYTES_MAX, CatalogueEnvelope } from '@skerry/contract/market/catalogue'
import type { Digest } from '@skerry/contract/values/digest'
import { digestOf, digestOfHex, hexOf } from '../files/hash.ts'

export type ReadEnvelope =
  | { ok: true; envelope: CatalogueEnvelope }
  | { ok: false; code: 'catalogue_missing' | 'catalogue_unreadable'; message: string }

/** The signed index of the folder. */
export async function readEnvelope(folder: string): Promise<ReadEnvelope> {
  const path = join(folder, 'index.json')
  try {
    const { size } = await stat(path)
    if (size > 2 * CATALOGUE_BYTES_MAX) return unreadable('index.json is too large')
    const parsed = CatalogueEnvelope.safeParse(JSON.parse(await readFile(path, 'utf8')))
    if (parsed.success) return { ok: true, envelope: parsed.data }
    return unreadable(`index.json is no signed index: ${parsed.error.issues[0]?.message}`)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { ok: false, code: 'catalogue_missing', message: 'there is no index.json' }
    return unreadable(error instanceof SyntaxError ? 'index.json is no JSON' : `index.json: ${codeOf(error)}`)
  }
}

/** The bytes of the signed index as they are, for other hubs. Undefined if there is none of a usual size. */
export async function readIndexBytes(folder: string): Promise<Buffer | undefined> {
  const path = join(folder, 'index.json')
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  )
  return size === undefined || size > 2 * CATALOGUE_BYTES_MAX ? undefined : readFile(path)
}

/** The size of a blob; undefined if it is missing. */
export const sizeOfCatalogueBlob = (folder: string, digest: Digest): Promise<number | undefined> =>
  stat(blobPathIn(folder, digest)).then(
    ({ size }) => size,
    () => undefined,
  )

const unreadable = (message: string) => ({ ok: false, code: 'catalogue_unreadable', message }) as const

export type ReadCatalogueBlob = { ok: true; bytes: Buffer } | { ok: false; code: 'missing' | 'tampered' | 'large' }

/** The bytes of a small blob, verified. */
export async function readCatalogueBlob(folder: string, digest: Digest, maxBytes: number): Promise<ReadCatalogueBlob> {
  const path = blobPathIn(folder, digest)
  try {
    const { size } = await stat(path)
    if (size > maxBytes) return { ok: false, code: 'large' }
    const bytes = await readFile(path)
    return digestOf(bytes) === digest ? { ok: true, bytes } : { ok: false, code: 'tampered' }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { ok: false, code: 'missing' }
    throw error
  }
}

/** The bytes of a blob of any size. The reader must verify the digest of what it got. */
export const streamCatalogueBlob = (folder: string, digest: Digest): AsyncIterable<Uint8Array> =>
  createReadStream(blobPathIn(folder, digest), { highWaterMark: 1_048_576 })

/** The size of a blob, and the digest of its bytes. Undefined if it is missing. */
export async function measureCatalogueBlob(
  folder: string,
  digest: Digest,
  signal: AbortSignal,
): Promise<{ digest: Digest; sizeBytes: number } | undefined> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    for await (const chunk of streamCatalogueBlob(folder, digest)) {
      signal.throwIfAborted()
      hash.update(chunk)
      sizeBytes += chunk.length
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  return { digest: digestOfHex(hash.digest('hex')), sizeBytes }
}

export type StoredBlob = { ok: true; sizeBytes: number } | { ok: false; code: 'tampered' | 'large' }

/** Stores the bytes of a stream if they have the digest, and at most this size. Nothing stays of others. */
export async function storeCatalogueBlob(
  folder: string,
  { digest, maxBytes }: { digest: Digest; maxBytes: number },
  bytes: AsyncIterable<Uint8Array>,
): Promise<StoredBlob> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
  const path = blobPathIn(folder, digest)
  const fresh = freshPath(path)
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    await using file = await open(fresh, 'w')
    for await (const chunk of bytes) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) return { ok: false, code: 'large' }
      hash.update(chunk)
      await file.write(chunk)
    }
    if (digestOfHex(hash.digest('hex')) !== digest) return { ok: false, code: 'tampered' }
    await file.sync()
    await rename(fresh, path)
    return { ok: true, sizeBytes }
  } finally {
    await rm(fresh, { force: true })
  }
}

/** Adds a blob, and returns its digest. A blob that exists already stays. */
export async function writeCatalogueBlob(folder: string, bytes: Uint8Array): Promise<Digest> {
  const digest = digestOf(bytes)
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
  await replaceFile(blobPathIn(folder, digest), bytes)
  return digest
}

/** Replaces the index. Its blobs must be there before, so that a reader never finds an index without them. */
export async function writeEnvelope(folder: string, envelope: CatalogueEnvelope): Promise<void> {
  await mkdir(folder, { recursive: true })
  await replaceFile(join(folder, 'index.json'), Buffer.from(`${JSON.stringify(envelope)}\n`))
}

const blobPathIn = (folder: string, digest: Digest) => join(folder, 'blobs', 'sha256', hexOf(digest))

/** Two writers of one file, also of hubs in containers that share the folder, must not meet in it. */
const freshPath = (path: string) => `${path}.${randomUUID()}.new`

/** A reader finds the old bytes or the new ones, also after a loss of power. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const fresh = freshPath(path)
  await writeFile(fresh, bytes)
  await using file = await open(fresh, 'r')
  await file.sync()
  await rename(fresh, path)
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : undefined)
