/** The tables of monitors, of reference profiles, and of the windows that devices counted. */
import type { MonitorAct, MonitorSpec, MonitorState, VersionVerdict } from '@skerry/contract/monitors/monitor'
import type { FeatureCounts, ReferenceProfile } from '@skerry/contract/monitors/profile'
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
}

/** The windows of all devices that began at the same time. */
export type MonitorSumTable = Omit<MonitorWindowTable, 'device_id' | 'stream' | 'lane' | 'sequence'> & {
  windows: number
}

export type MonitorTables = {
  monitors: MonitorTable
  version_profiles: VersionProfileTable
  monitor_windows: MonitorWindowTable
  monitor_sums: MonitorSumTable
  monitor_acts: MonitorActTable
}
