/** Job acceptance: whether a device may do what a signed batch says: it is for this device, of this organisation, and counts now. */

import type { BatchStatement, JobKey, ProofStep } from '@skerry/contract/batches/job'
import type { Cause } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { isInTree } from './device-tree.ts'

/** The hub's clock, as the device knows it, lags by what a message takes. */
const EARLY_MAX_MS = 60_000

export type JobFacts = {
  deviceId: DeviceId
  /** As the device's certificate says; undefined where it says none. */
  organisationId: string | undefined
  /** By the hub's clock. */
  nowMs: number
  hash: (text: string) => Digest
}

/** Why not; undefined where it may. `key` is what came with the statement, outside of the signature. */
export function jobProblem(
  statement: BatchStatement,
  { key, proof }: { key: JobKey; proof: readonly ProofStep[] },
  { deviceId, organisationId, nowMs, hash }: JobFacts,
): Cause | undefined {
  if (statement.batchId !== key.batchId || statement.attempt !== key.attempt) {
    return { code: 'job_misdirected', message: 'the signature is for another batch, or for another attempt of it' }
  }
  if (organisationId !== undefined && statement.organisationId !== organisationId) {
    return { code: 'job_misdirected', message: 'the batch is signed for another organisation' }
  }
  if (!isInTree(deviceId, proof, statement.devicesRoot, hash)) {
    return { code: 'job_misdirected', message: 'the batch is signed for other devices' }
  }
  if (nowMs >= statement.expiresAtMs) return { code: 'job_expired', message: 'the batch has expired' }
  if (nowMs < statement.startAtMs - EARLY_MAX_MS) return { code: 'job_early', message: 'the batch has not started yet' }
  return undefined
}
