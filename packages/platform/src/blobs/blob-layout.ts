/**
 * Blob layout: where a blob, a part and a damaged blob lie in a blob folder. All names are made here, from checked input, so that
 * no digest or key can point outside the folder.
 *
 *     sha256/ab/abcdef...   whole blobs, by their digest
 *     parts/KEY             blobs that are still arriving
 *     quarantine/abcdef...  the last blob that was found damaged
 */
import { join } from 'node:path'
import { Digest } from '@skerry/contract/values/digest'
import { hexOf } from '../files/hash.ts'

/** What a part may be called: an upload's id, or the digest that is being fetched. No dot, no slash, no empty name. */
const PART_KEY = /^[A-Za-z0-9_-]{1,128}$/

export type BlobLayout = {
  shards: string
  parts: string
  quarantine: string
  shardOf: (digest: Digest) => string
  blobOf: (digest: Digest) => string
  quarantineOf: (digest: Digest) => string
  partOf: (key: string) => string
}

/** The paths below `folder`. `partOf` throws on a key that is no name. */
export function blobLayout(folder: string): BlobLayout {
  const shards = join(folder, 'sha256')
  const parts = join(folder, 'parts')
  const quarantine = join(folder, 'quarantine')
  const shardOf = (digest: Digest) => join(shards, checked(digest).slice(0, 2))
  return {
    shards,
    parts,
    quarantine,
    shardOf,
    blobOf: (digest) => join(shardOf(digest), checked(digest)),
    quarantineOf: (digest) => join(quarantine, checked(digest)),
    partOf(key) {
      const name = Digest.safeParse(key).success ? key.replace(':', '-') : key
      if (!PART_KEY.test(name)) throw new Error(`${JSON.stringify(key)} is no name for a part`)
      return join(parts, name)
    },
  }
}

/** Whether a folder below `shards` is one of ours. */
export const isShardName = (name: string): boolean => /^[0-9a-f]{2}$/.test(name)

/** The digest that a file in a shard is called by; undefined for what does not belong there. */
export function digestOfName(name: string): Digest | undefined {
  return Digest.safeParse(`sha256:${name}`).data
}

// The brand is a promise of the types; a cast elsewhere must not become a path here.
const checked = (digest: Digest): string => hexOf(Digest.parse(digest))
