/** Campaign blobs: models and weights of campaigns, as blobs of their organisation. */
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { weightsOfBytes } from '@skerry/core/campaigns/weights'
import type { ByteRange } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { removeAtOnce } from '../blobs/blob-collection.ts'
import { holdBlob, refuseRemoved } from '../blobs/blob-store.ts'
import type { Hub } from '../hub.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import type { Tx } from '../store/store.ts'

export type StoredBlob = { digest: Digest; sizeBytes: number }

/** The bytes become a blob; `record` names it in the same transaction as the hold. */
export async function storeBlob<T>(
  hub: Hub,
  { organisationId, bytes }: { organisationId: OrganisationId; bytes: Uint8Array },
  record: (tx: Tx, blob: StoredBlob) => Promise<T>,
): Promise<T> {
  const blob = { digest: digestOf(bytes), sizeBytes: bytes.byteLength }
  return hub.blobGuard.exclusive(blob.digest, async () => {
    await refuseRemoved(hub.store.db, blob.digest)
    await hub.blobs.put(blob.digest, bytes, hub.signal)
    return hub.store.transaction(async (tx) => {
      await requireStorageRoom(tx, organisationId, blob.sizeBytes)
      await holdBlob(tx, { organisationId, ...blob, nowMs: hub.clock.nowMs() })
      return record(tx, blob)
    })
  })
}

/** The bytes of a blob, or of a part of it. Throws if the store does not have all of them. */
export async function readBlob(
  hub: Hub,
  { digest, sizeBytes, range = {} }: StoredBlob & { range?: ByteRange },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes)
  let at = 0
  for await (const chunk of hub.blobs.read(digest, range, signal)) {
    if (at + chunk.byteLength > sizeBytes) break
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  if (at !== sizeBytes) throw new Error(`the blob ${digest} has not the recorded size`)
  return bytes
}

/** Weights as numbers. */
export async function readWeights(hub: Hub, digest: Digest, elements: number, signal: AbortSignal) {
  const bytes = await readBlob(hub, { digest, sizeBytes: elements * 4 }, signal)
  const weights = weightsOfBytes(bytes, elements)
  if (!weights) throw new Error(`the blob ${digest} has not the recorded size`)
  return weights
}

/**
 * The updates of single devices go as soon as their sum is stored, because an update says more about the rows of its
 * device than the sum does. If the hub ends in between, the collection of blobs removes them later.
 */
export async function dropUpdates(hub: Hub, organisationId: OrganisationId, updates: readonly Digest[]): Promise<void> {
  for (const digest of new Set(updates)) await removeAtOnce(hub, organisationId, digest)
}
