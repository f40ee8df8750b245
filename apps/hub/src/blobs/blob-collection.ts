/** Blob collection: gives back the disk space of blobs that nothing refers to, and looks whether the others are still whole. */
import type { Digest } from '@skerry/contract/digest'
import type { Hub } from '../hub.ts'
import type { BlobTable } from '../store/foundation-tables.ts'
import type { Tx } from '../store/store.ts'
import {
  announceRemoval,
  endRemoval,
  isHeld,
  markDamaged,
  releaseBlob,
  staleRemovals,
  unreferencedBlobs,
} from './blob-store.ts'

/** Between the upload of a file and the push that refers to it a person may have coffee. */
const GRACE_MS = 3_600_000

/** So many records are looked at in one go. */
const BATCH = 200

/** A hub that removes bytes does so within a minute; after this many it has ended in between, and somebody else does it. */
const REMOVAL_MS = 900_000

/** Removes what nobody refers to. Gives how many blobs went. Several hubs may do so at once. */
export async function collectBlobs(hub: Hub): Promise<number> {
  const nowMs = hub.clock.nowMs()
  for (const digest of await staleRemovals(hub.store.db, nowMs - REMOVAL_MS)) await removeBytes(hub, digest)
  const olderThanMs = nowMs - GRACE_MS
  let removed = 0
  for (const candidate of await unreferencedBlobs(hub.store.db, olderThanMs, BATCH)) {
    if (hub.signal.aborted) return removed
    if (await hub.blobGuard.exclusive(candidate.digest, () => collectOne(hub, candidate, olderThanMs))) removed += 1
  }
  return removed + (await sweepOrphans(hub))
}

async function collectOne(hub: Hub, candidate: BlobTable, olderThanMs: number): Promise<boolean> {
  const { digest } = candidate
  if (hub.blobGuard.isPinned(digest)) return false
  const isFree = await hub.store.transaction(async (tx) => {
    // Looked at again inside: a push may have referred to it since.
    if (!(await releaseBlob(tx, candidate, olderThanMs))) return false
    return announceIfFree(hub, tx, digest)
  })
  // The record goes first: after a crash in between the bytes are an orphan, which the sweep takes.
  if (isFree) await removeBytes(hub, digest)
  return isFree
}

/** Announced first and looked at then: whoever would hold it meanwhile waits at the announcement, or was there before. */
async function announceIfFree(hub: Hub, tx: Tx, digest: Digest): Promise<boolean> {
  if (!(await announceRemoval(tx, digest, hub.clock.nowMs()))) return false
  if (!(await isHeld(tx, digest))) return true
  await endRemoval(tx, digest)
  return false
}

async function removeBytes(hub: Hub, digest: Digest): Promise<void> {
  await hub.blobs.remove(digest, hub.signal)
  await hub.store.transaction((tx) => endRemoval(tx, digest))
}

/** Bytes without a record: left by a crash between the two, or by a restored backup. */
async function sweepOrphans(hub: Hub): Promise<number> {
  let removed = 0
  const olderThanMs = hub.clock.nowMs() - GRACE_MS
  for await (const { digest, modifiedAtMs } of hub.blobs.list(hub.signal)) {
    if (hub.signal.aborted) break
    if (modifiedAtMs >= olderThanMs || (await isHeld(hub.store.db, digest))) continue
    await hub.blobGuard.exclusive(digest, async () => {
      if (hub.blobGuard.isPinned(digest)) return
      if (!(await hub.store.transaction((tx) => announceIfFree(hub, tx, digest)))) return
      await removeBytes(hub, digest)
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
  for await (const { digest } of hub.blobs.list(hub.signal)) {
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
