/** Built listing: a listing with its files, in memory or on the disk, before it goes into a catalogue. */
import { createReadStream } from 'node:fs'
import type { Listing } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import type { FoundFile } from '@skerry/core/market/checks/check-listing'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'

export type BuiltBlob = { digest: Digest; sizeBytes: number; read: () => AsyncIterable<Uint8Array> }

export type BuiltListing = {
  listing: Listing
  /** Canonical JSON, and its digest: the identity of the version. */
  text: string
  digest: Digest
  blobs: ReadonlyMap<Digest, BuiltBlob>
  found: ReadonlyMap<Digest, FoundFile>
  /** The bytes of a file of the listing. */
  contentOf: (digest: Digest) => AsyncIterable<Uint8Array>
}

/** Collects the files of a listing while it is built. */
export type BlobCollector = {
  /** Adds bytes in memory; a document is also kept as data, for the checks. */
  add(bytes: Uint8Array, document?: unknown): { digest: Digest; sizeBytes: number }
  addJson(document: unknown): { digest: Digest; sizeBytes: number }
  /** Adds a file on the disk, or a part of an archive. */
  addFile(file: { digest: Digest; sizeBytes: number; localPath: string }): void
  addBlob(blob: BuiltBlob): void
  contentOf: BuiltListing['contentOf']
  blobs: Map<Digest, BuiltBlob>
  found: Map<Digest, FoundFile>
}

export function createCollector(): BlobCollector {
  const blobs = new Map<Digest, BuiltBlob>()
  const found = new Map<Digest, FoundFile>()
  const add = (bytes: Uint8Array, document?: unknown) => {
    const digest = digestOf(bytes)
    const measured = { digest, sizeBytes: bytes.length }
    const read = async function* () {
      yield bytes
    }
    blobs.set(digest, { ...measured, read })
    found.set(digest, { measured, bytes, ...(document !== undefined && { document }) })
    return measured
  }
  const addBlob = (blob: BuiltBlob) => {
    blobs.set(blob.digest, blob)
    found.set(blob.digest, { measured: { digest: blob.digest, sizeBytes: blob.sizeBytes } })
  }
  return {
    blobs,
    found,
    add,
    addBlob,
    contentOf(digest) {
      const blob = blobs.get(digest)
      if (!blob) throw new Error(`the listing has no file ${digest}`)
      return blob.read()
    },
    addJson: (document) => add(Buffer.from(canonicalJson(document)), document),
    addFile: ({ digest, sizeBytes, localPath }) =>
      addBlob({ digest, sizeBytes, read: () => createReadStream(localPath) }),
  }
}
