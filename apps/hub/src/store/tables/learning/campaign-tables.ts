/** The tables of campaigns. No table has a row of a device's data. */
import type { CampaignPhase, CampaignRound, CampaignSpec, ParticipantState } from '@skerry/contract/campaigns/campaign'
import type { DataVersion } from '@skerry/contract/campaigns/data-version'
import type { MaskStage } from '@skerry/contract/campaigns/masking'
import type { SurveyResult, SurveySpec } from '@skerry/contract/campaigns/survey'
import type { CampaignEvaluation } from '@skerry/contract/campaigns/update'
import type { OfferedData } from '@skerry/contract/held/campaigns'
import type { Digest } from '@skerry/contract/values/digest'
import type { CampaignId, DeviceId, OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { CampaignCourse } from '@skerry/core/campaigns/course'
import type { SumMark, UpdateOffer } from '@skerry/core/campaigns/site-sums/site-sum'
import type { Json } from '../../json-column.ts'

export type CampaignParameter = { name: string; shape: number[]; elements: number }

export type CampaignTable = {
  id: CampaignId
  organisation_id: OrganisationId
  name: string
  spec: Json<CampaignSpec>
  base_version_id: VersionId
  base_version: number
  course: Json<CampaignCourse>
  phase: CampaignPhase
  weights_digest: Digest
  training_digest: Digest
  training_bytes: number
  evaluation_digest: Digest
  evaluation_bytes: number
  parameters: Json<CampaignParameter[]>
  elements: number
  moments_digest: Digest | null
  /** The values that the weights begin with which each device keeps for itself. */
  personal_digest: Digest | null
  personal_parameters: Json<CampaignParameter[]> | null
  /** Null if the campaign trains a model. Otherwise the devices count, and the words of a line are its elements. */
  survey: Json<SurveySpec> | null
  survey_result: Json<SurveyResult> | null
  created_at_ms: number
  created_by: string
  ended_at_ms: number | null
}

export type CampaignRoundTable = {
  campaign_id: CampaignId
  organisation_id: OrganisationId
  round: number
  figures: Json<Omit<CampaignRound, 'round' | 'weights'>>
  weights_digest: Digest | null
}

/** The facts of a report. */
export type ParticipantOutcome = {
  rows?: number
  /** The rows of its training. Columns have it too, so that versions are compared and counted in the database. */
  data?: DataVersion
  trainLoss?: number
  evaluation?: CampaignEvaluation
  norm?: number
  code?: string
  message?: string
  /** The device gives its update to the aggregator of its site. */
  offer?: StoredOffer
  /** Its update came in the sum of its site. */
  sum?: StoredMark
}

/** An update in the sum of its site. `figures`: of the report; they count with the sum. */
export type StoredOffer = UpdateOffer & { figures: ParticipantOutcome }

/** `name`: of the device that summed. `carrier`: the participant of the sum whose record has its bytes. */
export type StoredMark = SumMark & { name: string; carrier: DeviceId }

export type CampaignParticipantTable = {
  campaign_id: CampaignId
  organisation_id: OrganisationId
  round: number
  attempt: number
  device_id: DeviceId
  device: string
  state: ParticipantState
  update_digest: Digest | null
  update_bytes: number | null
  outcome: Json<ParticipantOutcome>
  at_ms: number
  /** The rows of its training. Null if it has not trained, and for older agents. */
  data_fingerprint: string | null
  data_rows: number | null
  /** The round whose weights its update is in. Null if it is in none. */
  joined_round: number | null
}

/** A message of a masked round. */
export type CampaignMaskTable = {
  campaign_id: CampaignId
  organisation_id: OrganisationId
  round: number
  attempt: number
  stage: MaskStage
  to_device_id: DeviceId | ''
  device_id: DeviceId
  content: string
}

/** The training data that a device offers, by its newest report. */
export type CampaignDeviceTable = { device_id: DeviceId; organisation_id: OrganisationId; data: Json<OfferedData[]> }

export type CampaignTables = {
  campaigns: CampaignTable
  campaign_rounds: CampaignRoundTable
  campaign_participants: CampaignParticipantTable
  campaign_masks: CampaignMaskTable
  campaign_devices: CampaignDeviceTable
}
