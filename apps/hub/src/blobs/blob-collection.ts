/** Blob collection: gives back the disk space of blobs that nothing refers to, and looks whether the others are still whole. */
import type { Digest } from '@skerry/contract/digest'
import type { Hub } from '../hub.ts'
import type { BlobTable } from '../store/foundation-tables.ts'
import { isHeld, isUnreferenced, markDamaged, releaseBlob, unreferencedBlobs } from './blob-store.ts'

/** Between the upload of a file and the push that refers to it a person may have coffee. */
const GRACE_MS = 3_600_000

/** So many records are looked at in one go. */
const BATCH = 200

/** Removes what nobody refers to. Gives how many files went. */
export async function collectBlobs(hub: Hub): Promise<number> {
  const olderThanMs = hub.clock.nowMs() - GRACE_MS
  let removed = 0
  for (const candidate of await unreferencedBlobs(hub.store.db, olderThanMs, BATCH)) {
    if (hub.signal.aborted) return removed
    if (await hub.blobGuard.exclusive(() => collectOne(hub, candidate, olderThanMs))) removed += 1
  }
  return removed + (await sweepOrphans(hub))
}

async function collectOne(hub: Hub, candidate: BlobTable, olderThanMs: number): Promise<boolean> {
  const { digest } = candidate
  if (hub.blobGuard.isPinned(digest)) return false
  const isFree = await hub.store.transaction(async (tx) => {
    // Looked at again inside: a push may have referred to it since.
    if (!(await isUnreferenced(tx, candidate, olderThanMs))) return false
    await releaseBlob(tx, candidate)
    return !(await isHeld(tx, digest))
  })
  // The record goes first: after a crash in between the file is an orphan, which the sweep takes.
  if (isFree) await hub.blobs.remove(digest)
  return isFree
}

/** Files without a record: left by a crash between the two, or by a restored backup. */
async function sweepOrphans(hub: Hub): Promise<number> {
  let removed = 0
  const olderThanMs = hub.clock.nowMs() - GRACE_MS
  for await (const { digest, modifiedAtMs } of hub.blobs.list()) {
    if (hub.signal.aborted) break
    if (modifiedAtMs >= olderThanMs || (await isHeld(hub.store.db, digest))) continue
    await hub.blobGuard.exclusive(async () => {
      if (hub.blobGuard.isPinned(digest) || (await isHeld(hub.store.db, digest))) return
      await hub.blobs.remove(digest)
      removed += 1
    })
  }
  return removed
}

/** Notes that a blob is damaged: it is set aside, and whoever asks for it is told. */
export async function reportDamage(hub: Hub, digest: Digest): Promise<void> {
  hub.metrics.blobsDamaged.inc()
  hub.log.error('blob_damaged', { digest })
  await hub.store.transaction((tx) => markDamaged(tx, digest, hub.clock.nowMs()))
}

/** Reading at full speed for a moment and resting ten times as long leaves the disk to others. */
const REST_FACTOR = 10
const REST_MS_MIN = 1_000

/** Reads every blob once, slowly, and reports the damaged ones. Gives how many it read. */
export async function scrubBlobs(hub: Hub): Promise<number> {
  let read = 0
  for await (const { digest } of hub.blobs.list()) {
    hub.signal.throwIfAborted()
    const startMs = hub.clock.monotonicMs()
    const verdict = await hub.blobs.verify(digest, hub.signal)
    if (!verdict.ok && verdict.code === 'blob_damaged') await reportDamage(hub, digest)
    read += 1
    const tookMs = hub.clock.monotonicMs() - startMs
    await hub.clock.sleep(Math.max(REST_MS_MIN, tookMs * REST_FACTOR), hub.signal)
  }
  return read
}
