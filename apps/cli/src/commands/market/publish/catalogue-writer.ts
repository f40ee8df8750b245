/** Catalogue writer: adds a version to a catalogue in a folder, and signs the new index. */

import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CatalogueIndex } from '@skerry/contract/market/catalogue'
import type { Certificate } from '@skerry/contract/market/certificate'
import { Name } from '@skerry/contract/values/names'
import { listingEntry } from '@skerry/core/market/listing-entry'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { generateKeyPair, keyPairOf } from '@skerry/platform/certificates/private-key'
import { hexOf } from '@skerry/platform/files/hash'
import {
  measureCatalogueBlob,
  readEnvelope,
  writeCatalogueBlob,
  writeEnvelope,
} from '@skerry/platform/market/catalogue-folder'
import { writeTufMetadata } from '@skerry/platform/market/tuf-metadata'
import { openCatalogue, signCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import type { BuiltBlob, BuiltListing } from './built-listing.ts'

/** The index in the folder, signed by this key; a new one if there is none. */
export async function openOwnCatalogue(folder: string, keyPem: string): Promise<CatalogueIndex> {
  const read = await readEnvelope(folder)
  if (!read.ok && read.code === 'catalogue_missing') {
    const name = Name.safeParse(basename(resolve(folder)))
    if (name.success) return { v: 1, name: name.data, version: 1, expiresAtMs: 0, listings: [] }
    throw fail('file_invalid', `the catalogue is called as its folder, and "${basename(resolve(folder))}" is no name`)
  }
  if (!read.ok) throw fail('file_invalid', `${folder}: ${read.message}`)
  const opened = openCatalogue(read.envelope, [keyPairOf(keyPem).publicKeyPem], 1)
  if (!opened.ok) throw fail('file_invalid', `${folder}: ${opened.message}`)
  return { ...opened.index, version: opened.index.version + 1 }
}

/** The private key of a publisher. Fails if the file is none. */
export async function readPublisherKey(path: string): Promise<string> {
  const pem = await readText(path)
  try {
    return keyPairOf(pem).privateKeyPem
  } catch (cause) {
    throw fail('file_invalid', `${path} is no private key in PEM`, { next: 'make one with "skerry market key"', cause })
  }
}

export const newPublisherKey = generateKeyPair

export type Publication = { built: BuiltListing; certificate: Certificate }

/** Writes the blobs first, then the signed index: a reader of the index finds all its blobs. */
export async function addVersion(
  folder: string,
  index: CatalogueIndex,
  { built, certificate }: Publication,
  signal: AbortSignal,
): Promise<CatalogueIndex> {
  const { listing, text, digest } = built
  const known = index.listings.find(({ name, version }) => name === listing.name && version === listing.version)
  if (known && known.digest !== digest) {
    throw fail('file_invalid', `${listing.name}@${listing.version} is published with other content`, {
      next: 'give listing.yaml a new version; a published one never changes',
    })
  }
  for (const blob of built.blobs.values()) await writeBlob(folder, blob, signal)
  await writeCatalogueBlob(folder, Buffer.from(text))
  const evidence = Buffer.from(canonicalJson(certificate))
  const certificateDigest = await writeCatalogueBlob(folder, evidence)
  const reference = { digest: certificateDigest, sizeBytes: evidence.length, level: certificate.level }
  const entry = listingEntry(listing, { digest, sizeBytes: Buffer.byteLength(text), certificate: reference })
  const others = index.listings.filter((each) => each !== known)
  return { ...index, listings: [...others, entry] }
}

/** Signs the index with its expiry, and replaces the one in the folder. The metadata for TUF clients follows it. */
export async function signIndex(
  folder: string,
  index: CatalogueIndex,
  { keyPem, nowMs }: { keyPem: string; nowMs: number },
): Promise<void> {
  await writeEnvelope(folder, signCatalogue(index, [keyPem]))
  await writeTufMetadata(folder, index, { privateKeyPem: keyPem, nowMs })
}

async function writeBlob(folder: string, { digest, read }: BuiltBlob, signal: AbortSignal): Promise<void> {
  const path = join(folder, 'blobs', 'sha256', hexOf(digest))
  if ((await measureCatalogueBlob(folder, digest, signal))?.digest === digest) return
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
  const fresh = `${path}.${process.pid}.new`
  await pipeline(Readable.from(read()), createWriteStream(fresh, { flush: true }), { signal })
  await rename(fresh, path)
  if ((await measureCatalogueBlob(folder, digest, signal))?.digest !== digest) {
    throw fail('file_invalid', `a file changed while it was published: ${digest}`)
  }
}
