/** The table of learnings. It has figures of a device's rows, and no row. */
import type { LearningOutcome, LearningPhase, LearningSpec } from '@skerry/contract/learning/learning'
import type { DeviceId, LearningId, OrganisationId } from '@skerry/contract/values/ids'
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
}

export type LearningTables = { learnings: LearningTable }
