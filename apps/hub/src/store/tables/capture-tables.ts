/** The tables of captures: rules and labels. No table has a row of a model. */
import type { CaptureRules } from '@skerry/contract/captures/capture'
import type { ScoreCounts } from '@skerry/contract/monitors/profile'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

export type CaptureTable = {
  organisation_id: OrganisationId
  model: string
  rules: Json<CaptureRules>
  changed_at_ms: number
  changed_by: string
  /** The newest order of the monitor; null if there was none. */
  ordered: Json<CaptureOrder> | null
}

export type CaptureOrder = { version: number; rows: number; atMs: number }

export type CaptureSaltTable = {
  organisation_id: OrganisationId
  /** Of the keyed digests of subjects. It never changes, so that labels can be found by it. */
  salt: string
  /** The number of the newest label. No number is given twice, also if labels are deleted. */
  labelled: number
}

/** The newest report of a device. */
export type CaptureDeviceTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  revision: Digest | null
  /** The last erasure that the device has carried out. */
  erased: number
}

export type CaptureErasureTable = {
  organisation_id: OrganisationId
  sequence: number
  subject_key: string
  at_ms: number
  erased_by: string
}

export type CaptureLabelTable = {
  organisation_id: OrganisationId
  model: string
  request: string
  device_id: DeviceId | null
  version: number
  at_ms: number
  predicted: string
  label: string
  error: number | null
  subject_key: string | null
  labelled_at_ms: number
  labelled_by: string
  /** The place of its last change among all labels of the organisation, from 1. */
  sequence: number
}

/** The confidences of all devices whose windows began at the same time. */
export type ScoreSumTable = {
  organisation_id: OrganisationId
  model: string
  version: number
  profile: Digest
  start_ms: number
  end_ms: number
  scores: Json<ScoreCounts>
}

export type CaptureTables = {
  captures: CaptureTable
  capture_salts: CaptureSaltTable
  capture_devices: CaptureDeviceTable
  capture_erasures: CaptureErasureTable
  capture_labels: CaptureLabelTable
  score_sums: ScoreSumTable
}
