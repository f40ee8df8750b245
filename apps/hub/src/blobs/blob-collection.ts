/**
 * Blob collection: frees the disk space of blobs that have no reference, and verifies that the others are still
 * complete.
 */
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { straysToRemove } from '@skerry/core/ledger/stray-files'
import { chunkNote } from '../chunks/chunk-note.ts'
import type { Hub } from '../hub.ts'
import { claimFiles } from '../ledger/claim-files.ts'
import { findDatabaseRow, setFileTrouble } from '../ledger/ledger-store.ts'
import type { Tx } from '../store/store.ts'
import type { BlobTable } from '../store/tables/foundation-tables.ts'
import {
  announceRemoval,
  endRemoval,
  findBlob,
  isHeld,
  markDamaged,
  releaseBlob,
  staleRemovals,
  unreferencedBlobs,
} from './blob-store.ts'
import { isKnown, setAside, setAsideBefore, takeBack } from './removed-store.ts'

/** A person may take a break between the upload of a file and the push that refers to it. */
const GRACE_MS = 3_600_000

/** Records that one query reads. */
const BATCH = 200

/**
 * A hub removes bytes within a minute. After this time the hub has ended in between, and another one completes the
 * removal.
 */
const REMOVAL_MS = 900_000

/** The operator's decisions about files without a reference. */
export type FileRules = {
  /** The time for which the bytes stay after the last reference to them is removed. */
  keepRemovedMs: number
  /** Remove all files that the database does not know, regardless of their number. */
  isRemovingStrays: boolean
}

/** A person notices a mistake from before a weekend within this time. */
export const FILE_RULES: FileRules = { keepRemovedMs: 7 * 86_400_000, isRemovingStrays: false }

/**
 * Removes files that have no reference. Their bytes stay for some days, and a push, an upload or a restored backup that
 * refers to them restores them. Returns the number of files that lost their last holder in this call. Several hubs may
 * call it at once.
 */
export async function collectBlobs(hub: Hub): Promise<number> {
  const claim = await claimFiles(hub, hub.signal)
  if (!claim.ok) {
    hub.log.error(claim.code, { message: claim.message })
    await setFileTrouble(hub.store, { kind: 'foreign', count: 1, files: 1 }, hub.clock.nowMs())
    return 0
  }
  const nowMs = hub.clock.nowMs()
  for (const digest of await staleRemovals(hub.store.db, nowMs - REMOVAL_MS)) await removeBytes(hub, digest)
  await purgeRemoved(hub)
  const olderThanMs = nowMs - GRACE_MS
  let removed = 0
  for (const candidate of await unreferencedBlobs(hub.store.db, olderThanMs, BATCH)) {
    if (hub.signal.aborted) return removed
    if (await hub.blobGuard.exclusive(candidate.digest, () => collectOne(hub, candidate, olderThanMs))) removed += 1
  }
  return removed + (await sweepStrays(hub))
}

async function collectOne(hub: Hub, candidate: BlobTable, olderThanMs: number): Promise<boolean> {
  const { digest } = candidate
  if (hub.blobGuard.isPinned(digest)) return false
  const nowMs = hub.clock.nowMs()
  const outcome = await hub.store.transaction(async (tx) => {
    // Checked again inside the transaction, because a push may have referred to it since.
    if (!(await releaseBlob(tx, candidate, olderThanMs)) || (await isHeld(tx, digest))) return 'held'
    // A version in the database before the restore may refer to it.
    if (candidate.created_at_ms <= ((await findDatabaseRow(tx))?.restored_at_ms ?? 0)) return 'stray'
    await setAside(tx, digest, nowMs)
    return 'removed'
  })
  if (outcome === 'removed') logRemoval(hub, { digest, reason: 'unreferenced' })
  return outcome !== 'held'
}

const logRemoval = ({ log, clock, fileRules }: Hub, { digest, reason }: { digest: Digest; reason: string }) =>
  log.info('blob_removed', { digest, reason, bytesUntilMs: clock.nowMs() + fileRules.keepRemovedMs })

/** Removes the files whose days are over. */
async function purgeRemoved(hub: Hub): Promise<void> {
  const beforeMs = hub.clock.nowMs() - hub.fileRules.keepRemovedMs
  for (const digest of await setAsideBefore(hub.store.db, beforeMs, BATCH)) {
    if (hub.signal.aborted) return
    await hub.blobGuard.exclusive(digest, () => purgeOne(hub, digest, beforeMs))
  }
}

async function purgeOne(hub: Hub, digest: Digest, beforeMs: number): Promise<void> {
  if (hub.blobGuard.isPinned(digest)) return
  const isFree = await hub.store.transaction(async (tx) => {
    if (!(await takeBack(tx, digest, beforeMs))) return false
    return announceIfFree(hub, tx, digest)
  })
  // The record is deleted first. After a crash in between, the announcement completes the removal.
  if (!isFree) return
  await removeBytes(hub, digest)
  hub.log.info('blob_bytes_removed', { digest })
}

/**
 * Announces the removal first and checks for holders then. A transaction that takes the blob meanwhile waits at the
 * announcement, or has committed before.
 */
async function announceIfFree(hub: Hub, tx: Tx, digest: Digest): Promise<boolean> {
  if (!(await announceRemoval(tx, digest, hub.clock.nowMs()))) return false
  if (!(await isHeld(tx, digest))) return true
  await endRemoval(tx, digest)
  return false
}

/** A file that nothing refers to goes now, without the days of grace: bytes that no person will want back. */
export async function removeAtOnce(hub: Hub, organisationId: OrganisationId, digest: Digest): Promise<void> {
  await hub.blobGuard.exclusive(digest, async () => {
    if (hub.blobGuard.isPinned(digest)) return
    const isFree = await hub.store.transaction(async (tx) => {
      const blob = await findBlob(tx, organisationId, digest)
      if (!blob || !(await releaseBlob(tx, blob, Number.MAX_SAFE_INTEGER))) return false
      return announceIfFree(hub, tx, digest)
    })
    if (isFree) await removeBytes(hub, digest)
  })
}

async function removeBytes(hub: Hub, digest: Digest): Promise<void> {
  await hub.blobs.remove(digest, hub.signal)
  await hub.blobs.removeNote(chunkNote(digest), hub.signal)
  await hub.store.transaction((tx) => endRemoval(tx, digest))
}

/** Bytes without a record: left by a crash between the two, by a restored backup, or by another database. */
async function sweepStrays(hub: Hub): Promise<number> {
  const { files, fresh, earlier } = await findStrays(hub)
  const { isRemovingStrays: isAsked } = hub.fileRules
  const verdict = straysToRemove({ files, fresh, earlier, isAsked })
  if (verdict.kept > 0) {
    hub.log.warn(verdict.isHalted ? 'blob_sweep_halted' : 'blobs_unknown', { kept: verdict.kept, files })
  }
  const kind = verdict.isHalted ? ('halted' as const) : ('strays' as const)
  const trouble = verdict.kept > 0 ? { kind, count: verdict.kept, files } : undefined
  await setFileTrouble(hub.store, trouble, hub.clock.nowMs())
  let removed = 0
  for (const digest of verdict.remove) {
    if (hub.signal.aborted) break
    if (await hub.blobGuard.exclusive(digest, () => removeStray(hub, digest))) removed += 1
  }
  return removed
}

async function findStrays(hub: Hub) {
  const olderThanMs = hub.clock.nowMs() - GRACE_MS
  const restoredAtMs = (await findDatabaseRow(hub.store.db))?.restored_at_ms ?? 0
  const beganAtMs = Math.max(hub.vitals.startedAtMs, restoredAtMs)
  const strays: { files: number; fresh: Digest[]; earlier: Digest[] } = { files: 0, fresh: [], earlier: [] }
  for await (const { digest, modifiedAtMs } of hub.blobs.list(hub.signal)) {
    if (hub.signal.aborted) break
    strays.files += 1
    if (modifiedAtMs >= olderThanMs || (await isKnown(hub.store.db, digest))) continue
    strays[modifiedAtMs < beganAtMs ? 'earlier' : 'fresh'].push(digest)
  }
  return strays
}

async function removeStray(hub: Hub, digest: Digest): Promise<boolean> {
  if (hub.blobGuard.isPinned(digest)) return false
  const isRemoved = await hub.store.transaction(async (tx) => {
    if (await isKnown(tx, digest)) return false
    await setAside(tx, digest, hub.clock.nowMs())
    return true
  })
  if (isRemoved) logRemoval(hub, { digest, reason: 'unknown' })
  return isRemoved
}

/**
 * Records that a blob is damaged. The store has set it aside, and the hub reports the damage to each caller that
 * requests it.
 */
export async function reportDamage(hub: Hub, digest: Digest): Promise<void> {
  hub.metrics.blobsDamaged.inc()
  hub.log.error('blob_damaged', { digest })
  await hub.store.transaction((tx) => markDamaged(tx, digest, hub.clock.nowMs()))
}

/** Reading at full speed for a moment and resting ten times as long leaves the disk to other work. */
const REST_FACTOR = 10
const REST_MS_MIN = 1_000

/** Reads every blob once, slowly, and reports the damaged ones. Returns the number of blobs that it read. */
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
