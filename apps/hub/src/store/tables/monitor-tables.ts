/** The tables of monitors, of reference profiles, and of the windows that devices counted. */
import type { MonitorAct } from '@skerry/contract/monitors/action'
import type { DroppedWindows, MonitorSpec, MonitorState, Mute, VersionVerdict } from '@skerry/contract/monitors/monitor'
import type { FeatureCounts, ReferenceProfile, ScoreCounts } from '@skerry/contract/monitors/profile'
import type { Lane, StreamId } from '@skerry/contract/sinks/sink-value'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId, OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

export type MonitorTable = {
  organisation_id: OrganisationId
  model: string
  spec: Json<MonitorSpec>
  changed_at_ms: number
  changed_by: string
  revision: number
  mute: Json<Mute> | null
  /** The newest verdict; null before the first one. */
  state: MonitorState | null
  since_ms: number | null
  verdicts: Json<VersionVerdict[]> | null
}

export type MonitorActTable = {
  organisation_id: OrganisationId
  model: string
  at_ms: number
  action: MonitorAct['action']
  version: number
  outcome: MonitorAct['outcome']
  message: string
}

/** A profile is deleted with its version. */
export type VersionProfileTable = {
  version_id: VersionId
  organisation_id: OrganisationId
  digest: Digest
  profile: Json<ReferenceProfile>
  made_at_ms: number
  made_by: string
}

/** The counts of one cohort in the time of a reference. */
export type CohortCounts = { cohort: string; rows: number; features: FeatureCounts[] }

/** The reference of the tags of a source. Each baseline is one more version. */
export type SourceProfileTable = Omit<VersionProfileTable, 'version_id'> & {
  source: string
  version: number
  cohorts: Json<CohortCounts[]>
}

/** The counts of one cohort in the time of the reference, in the bins of the profile. Deleted with the version. */
export type CohortProfileTable = {
  version_id: VersionId
  organisation_id: OrganisationId
  cohort: string
  /** The digest of the profile that they belong to. */
  profile: Digest
  rows: number
  features: Json<FeatureCounts[]>
}

export type MonitorWindowTable = {
  device_id: DeviceId
  stream: StreamId
  lane: Lane
  sequence: number
  organisation_id: OrganisationId
  model: string
  version: number
  /** The digest of the profile whose bins were counted. */
  profile: Digest
  start_ms: number
  end_ms: number
  rows: number
  counted: number
  features: Json<FeatureCounts[]>
  /** The confidences of the answers; null without a calibration. */
  scores: Json<ScoreCounts> | null
}

/** The windows of all devices that began at the same time. */
export type MonitorSumTable = Omit<MonitorWindowTable, 'device_id' | 'stream' | 'lane' | 'sequence' | 'scores'> & {
  windows: number
  /** Rows that devices report as lost. */
  lost: number
}

/** As `MonitorSumTable`, for the devices of one cohort. */
export type MonitorCohortSumTable = Omit<MonitorSumTable, 'lost'> & { cohort: string }

/** Flows that write no tags. */
export type MonitorHoldTable = {
  organisation_id: OrganisationId
  model: string
  flow: string
  version: number
  since_ms: number
  reason: string
}

/** Windows that were not counted, for each day since 1970. */
export type MonitorDroppedTable = {
  organisation_id: OrganisationId
  model: string
  day: number
  reason: DroppedWindows['reason']
  windows: number
  rows: number
}

export type MonitorTables = {
  monitors: MonitorTable
  version_profiles: VersionProfileTable
  cohort_profiles: CohortProfileTable
  source_profiles: SourceProfileTable
  monitor_windows: MonitorWindowTable
  monitor_sums: MonitorSumTable
  monitor_acts: MonitorActTable
  monitor_cohort_sums: MonitorCohortSumTable
  monitor_holds: MonitorHoldTable
  monitor_dropped: MonitorDroppedTable
}
