/** The tables of batches, their devices, and the devices' output. */
import type { BatchStatus, JobCounts, JobOutcome } from '@skerry/contract/batches/batch'
import type { BatchCommand, BatchKind } from '@skerry/contract/batches/batch-command'
import type { BatchEnvelope } from '@skerry/contract/batches/job'
import type { Rate } from '@skerry/contract/deployments/pace'
import type { BatchId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Pace } from '@skerry/core/rollouts/offer-rate'
import type { StoredHand } from '../../batches/batch-hand.ts'
import type { Json } from '../json-column.ts'

export type BatchTable = {
  id: BatchId
  organisation_id: OrganisationId
  status: BatchStatus
  kind: BatchKind
  command: Json<BatchCommand>
  selector: string
  reason: string | null
  rate: Json<Rate> | null
  pace: Json<Pace>
  /** The number of its rows by outcome. So the cost of a step depends only on the rows that it changes. */
  counts: Json<JobCounts>
  devices: number
  attempt: number
  start_at_ms: number
  expires_at_ms: number
  timeout_ms: number
  /** The signature of the attempt. */
  envelope: Json<BatchEnvelope> | null
  /** The total size of all stored outputs. */
  output_bytes: number
  created_at_ms: number
  created_by: Json<StoredHand>
  signed_by: Json<StoredHand> | null
  sent_by: Json<StoredHand> | null
  cancelled_by: Json<StoredHand> | null
  ended_at_ms: number | null
}

/** One device of a batch. The batch's signature covers the devices of its present attempt. */
export type BatchJobTable = {
  batch_id: BatchId
  device_id: DeviceId
  organisation_id: OrganisationId
  /** Name and site at the creation of the batch. */
  device: string
  site: string
  outcome: JobOutcome
  attempt: number
  told_at_ms: number | null
  decided_at_ms: number | null
  duration_ms: number | null
  code: string | null
  message: string | null
  output_bytes: number | null
}

export type BatchOutputTable = { batch_id: BatchId; device_id: DeviceId; output: string }

export type BatchTables = { batches: BatchTable; batch_jobs: BatchJobTable; batch_outputs: BatchOutputTable }
