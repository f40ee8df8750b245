/**
 * Blob guard: keeps the folder of blobs and the records about them in step. Bytes and record cannot change in one transaction, so whoever
 * adds or removes a blob does both alone; and a push names the blobs that it works on, so that none is collected under it.
 */
import type { Digest } from '@skerry/contract/digest'

export type BlobGuard = {
  /** Runs the work alone among all that add or remove blobs. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
  /** Keeps the blobs from being collected until it is disposed. */
  pin(digests: Iterable<Digest>): Disposable
  isPinned(digest: Digest): boolean
}

/** Makes one; there is one per folder. */
export function createBlobGuard(): BlobGuard {
  let last: Promise<unknown> = Promise.resolve()
  const pins = new Map<Digest, number>()
  const count = (digest: Digest, by: number) => {
    const left = (pins.get(digest) ?? 0) + by
    if (left > 0) pins.set(digest, left)
    else pins.delete(digest)
  }
  return {
    exclusive(work) {
      const mine = last.then(work, work)
      last = mine.catch(() => undefined)
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
