/**
 * Blob guard: keeps the bytes of blobs and the records about them in step. Bytes and record cannot change in one transaction, so whoever
 * adds or removes a blob does both alone among those who do so with the same blob; and a push names the blobs that it works on, so that none is collected under it.
 */
import type { Digest } from '@skerry/contract/values/digest'

export type BlobGuard = {
  /** Runs the work alone among all of this hub that add or remove this blob. */
  exclusive<T>(digest: Digest, work: () => Promise<T>): Promise<T>
  /** Keeps the blobs from being collected until it is disposed. */
  pin(digests: Iterable<Digest>): Disposable
  isPinned(digest: Digest): boolean
}

/** Makes one; a hub has one. What other hubs do with the same blob is settled by records (blob-store.ts). */
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
