/** The tables of batches, their devices, and the output of those. */
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
  /** How many of its rows have which outcome: a step costs as the rows that it changes. */
  counts: Json<JobCounts>
  devices: number
  attempt: number
  start_at_ms: number
  expires_at_ms: number
  timeout_ms: number
  /** The signature of the attempt. */
  envelope: Json<BatchEnvelope> | null
  /** Of all outputs that are kept. */
  output_bytes: number
  created_at_ms: number
  created_by: Json<StoredHand>
  signed_by: Json<StoredHand> | null
  sent_by: Json<StoredHand> | null
  cancelled_by: Json<StoredHand> | null
  ended_at_ms: number | null
}

/** One device of a batch. Those of the batch's attempt are the ones that its signature is for. */
export type BatchJobTable = {
  batch_id: BatchId
  device_id: DeviceId
  organisation_id: OrganisationId
  /** Its name and its site's when the batch was created. */
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
