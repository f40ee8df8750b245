/** Signing of batches: what is signed, and the proofs of its devices. */

import type { BatchEnvelope, ProofStep } from '@skerry/contract/batches/job'
import type { DeviceId } from '@skerry/contract/values/ids'
import { type DeviceTree, growDeviceTree } from '@skerry/core/batches/device-tree'
import type { KeyPair } from '@skerry/platform/certificates/private-key'
import { digestOf } from '@skerry/platform/files/hash'
import { signBatch } from '@skerry/platform/signatures/batch-signature'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { BatchTable } from '../store/tables/batch-tables.ts'
import { devicesOfAttempt } from './job-store.ts'

type Signed = Pick<BatchTable, 'id' | 'organisation_id' | 'attempt' | 'command' | 'start_at_ms' | 'expires_at_ms'>

/** Signs the batch for these devices. */
export const signFor = (batch: Signed, devices: readonly DeviceId[], key: KeyPair): BatchEnvelope =>
  signBatch(
    {
      v: 1,
      organisationId: batch.organisation_id,
      batchId: batch.id,
      attempt: batch.attempt,
      command: fromJson(batch.command),
      startAtMs: batch.start_at_ms,
      expiresAtMs: batch.expires_at_ms,
      devicesRoot: growDeviceTree(devices, digestOf).root,
    },
    key,
  )

/** A tree over 10,000 devices takes 70 ms (measured), and 20,000 digests of 71 characters; as many batches are rarely told at once. */
const TREES_MAX = 4

export type Proofs = { of(db: Db, batch: BatchTable, deviceId: DeviceId): Promise<ProofStep[] | undefined> }

/** Gives proofs; the trees of the newest batches are kept. */
export function createProofs(): Proofs {
  const trees = new Map<string, Promise<DeviceTree>>()
  return {
    async of(db, batch, deviceId) {
      const key = `${batch.id} ${batch.attempt}`
      const tree =
        trees.get(key) ?? devicesOfAttempt(db, batch.id, batch.attempt).then((ids) => growDeviceTree(ids, digestOf))
      // The newest stay: taken out and put in at the end.
      trees.delete(key)
      trees.set(key, tree)
      const [oldest] = trees.keys()
      if (trees.size > TREES_MAX && oldest !== undefined) trees.delete(oldest)
      return (await tree.catch((error: unknown) => forget(trees, key, error))).proofOf(deviceId)
    },
  }
}

function forget(trees: Map<string, unknown>, key: string, error: unknown): never {
  trees.delete(key)
  throw error
}
