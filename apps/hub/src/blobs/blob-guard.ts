/**
 * Blob guard: keeps the bytes of blobs and their records consistent. Bytes and record cannot change in one transaction.
 * So only one task at a time adds or removes the same blob. A push pins the blobs that it uses, so that the collection
 * does not remove them.
 */
import type { Digest } from '@skerry/contract/values/digest'

export type BlobGuard = {
  /** Runs the work while no other task of this hub adds or removes this blob. */
  exclusive<T>(digest: Digest, work: () => Promise<T>): Promise<T>
  /** Protects the blobs from the collection until it is disposed. */
  pin(digests: Iterable<Digest>): Disposable
  isPinned(digest: Digest): boolean
}

/** Creates the guard; a hub has one. Records coordinate several hubs that work on the same blob (blob-store.ts). */
export function createBlobGuard(): BlobGuard {
  const last = new Map<Digest, Promise<unknown>>()
  const pins = new Map<Digest, number>()
  const count = (digest: Digest, by: number) => {
    const left = (pins.get(digest) ?? 0) + by
    if (left > 0) pins.set(digest, left)
    else pins.delete(digest)
  }
  return {
    exclusive(digest, work) {
      const mine = (last.get(digest) ?? Promise.resolve()).then(work, work)
      const settled = mine
        .catch(() => undefined)
        .finally(() => {
          if (last.get(digest) === settled) last.delete(digest)
        })
      last.set(digest, settled)
      return mine
    },
    pin(digests) {
      const pinned = [...digests]
      for (const digest of pinned) count(digest, 1)
      return {
        [Symbol.dispose]() {
          for (const digest of pinned.splice(0)) count(digest, -1)
        },
      }
    },
    isPinned: (digest) => pins.has(digest),
  }
}
