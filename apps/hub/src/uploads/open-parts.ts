/**
 * Open parts: keeps the part of an upload open between two pieces. Opening one means reading all of it back to hash it, so opening it for
 * every piece of a large file would read the file hundreds of times.
 */
import type { UploadId } from '@skerry/contract/values/ids'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import type { BlobPart } from '@skerry/platform/blobs/blob-part'

export type Borrowed = AsyncDisposable & {
  part: BlobPart
  /** The part is closed, as after a commit or a discard: it must not be kept. */
  drop(): void
}

export type OpenParts = AsyncDisposable & {
  /** Undefined while another request is writing the part. Dispose it to give it back. */
  borrow(id: UploadId, signal: AbortSignal): Promise<Borrowed | undefined>
  /** Closes the part, unless somebody writes it: then false. */
  close(id: UploadId): Promise<boolean>
  /** Closes what has been idle. */
  closeIdle(): Promise<void>
}

/** A client that sends pieces pauses for less; a kept part costs a file descriptor. */
const IDLE_MS = 60_000

/** Parts that are kept open at once; one more closes the one that was idle longest. */
const OPEN_MAX = 128

type Kept = { part: BlobPart; isBusy: boolean; sinceMs: number }

/** Makes one, empty. */
export function createOpenParts(blobs: BlobFolder, clock: { monotonicMs(): number }): OpenParts {
  const kept = new Map<UploadId, Kept>()

  const closeOne = async (id: UploadId) => {
    const entry = kept.get(id)
    if (!entry) return true
    if (entry.isBusy) return false
    kept.delete(id)
    await entry.part.close()
    return true
  }
  const makeRoom = async () => {
    const [oldest] = [...kept].filter(([, { isBusy }]) => !isBusy).sort(([, a], [, b]) => a.sinceMs - b.sinceMs)
    if (oldest && kept.size >= OPEN_MAX) await closeOne(oldest[0])
  }
  const lend = (id: UploadId, entry: Kept): Borrowed => {
    entry.isBusy = true
    return {
      part: entry.part,
      drop: () => void kept.delete(id),
      async [Symbol.asyncDispose]() {
        entry.isBusy = false
        entry.sinceMs = clock.monotonicMs()
      },
    }
  }
  return {
    async borrow(id, signal) {
      const entry = kept.get(id)
      if (entry) return entry.isBusy ? undefined : lend(id, entry)
      await makeRoom()
      const opened = await blobs.openPart(id, signal)
      if (!opened.ok) return undefined
      const fresh: Kept = { part: opened.part, isBusy: true, sinceMs: clock.monotonicMs() }
      kept.set(id, fresh)
      return lend(id, fresh)
    },
    close: closeOne,
    async closeIdle() {
      const before = clock.monotonicMs() - IDLE_MS
      for (const [id, { sinceMs, isBusy }] of kept) if (!isBusy && sinceMs < before) await closeOne(id)
    },
    async [Symbol.asyncDispose]() {
      for (const { part } of kept.values()) await part.close()
      kept.clear()
    },
  }
}
