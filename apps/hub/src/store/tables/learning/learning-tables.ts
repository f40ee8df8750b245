/** The table of learnings. It has figures of a device's rows, and no row. */
import type { LearningOutcome, LearningPhase, LearningSpec } from '@skerry/contract/learning/learning'
import type { LearningFleetSpec, LeftOutDevice } from '@skerry/contract/learning/learning-fleet'
import type { MarkKind } from '@skerry/contract/learning/mark'
import type { CovariancePart } from '@skerry/contract/learning/result'
import type {
  CampaignId,
  DeviceId,
  LearningFleetId,
  LearningId,
  LearningMarkId,
  OrganisationId,
} from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type LearningTable = {
  id: LearningId
  organisation_id: OrganisationId
  name: string
  /** Not a reference: the history outlives the device. */
  device_id: DeviceId
  spec: Json<LearningSpec>
  phase: LearningPhase
  seed: number
  rows: number
  reason: string | null
  outcome: Json<LearningOutcome> | null
  model_version: number | null
  flow_version: number | null
  created_at_ms: number
  created_by: string
  ended_at_ms: number | null
  /** Null for a learning that a person started for one machine. */
  fleet_id?: LearningFleetId | null | undefined
}

/** An order by which each of several machines learns. Its learnings name it, and have its progress. */
export type LearningFleetTable = {
  id: LearningFleetId
  organisation_id: OrganisationId
  name: string
  spec: Json<LearningFleetSpec>
  left_out: Json<LeftOutDevice[]>
  /** Null if each device learns a detector of its own. */
  together?: Json<TogetherState> | null | undefined
  created_at_ms: number
  created_by: string
}

/** The state of a federated order. */
export type TogetherState = {
  /** Under this id the devices keep their own values of the joint detector. */
  campaign: CampaignId
  /** The joined part, until the order is over. */
  joint?: CovariancePart
  devices?: number
  rows?: number
  modelVersion?: number
  flowVersion?: number
  /** Why there is no version, or why it is not deployed. */
  reason?: string
}

/** The part of a device in a federated order, until the order is over. */
export type LearningPartTable = {
  learning_id: LearningId
  organisation_id: OrganisationId
  part: Json<CovariancePart>
  /** Float32 in base64: the scaling and the threshold of the device. Null until it has judged the joint detector. */
  own: string | null
}

/** A time that a person has marked for the next learning of a name on a device. */
export type LearningMarkTable = {
  id: LearningMarkId
  organisation_id: OrganisationId
  name: string
  device_id: DeviceId
  kind: MarkKind
  from_ms: number
  to_ms: number
  reason: string
  rows: number | null
  created_at_ms: number
  created_by: string
}

export type LearningTables = {
  learnings: LearningTable
  learning_fleets: LearningFleetTable
  learning_marks: LearningMarkTable
  learning_parts: LearningPartTable
}
