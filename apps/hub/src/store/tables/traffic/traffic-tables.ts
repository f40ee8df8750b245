/** The tables of the traffic of models. */
import type { LatencyCounts } from '@skerry/contract/devices/item'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

type CountColumns = { requests: number; failures: number; dropped: number; latency: Json<LatencyCounts> | null }

/** The counters of the last report that was added to the parts. */
export type TrafficCounterTable = CountColumns & {
  device_id: DeviceId
  model: string
  organisation_id: OrganisationId
  version: number
  boot_id: string
  restarts: number
  at_ms: number
}

/** `device_id`: empty for the sum of all devices. Only that has the slowest device. */
export type TrafficPartTable = CountColumns & {
  device_id: DeviceId | ''
  organisation_id: OrganisationId
  model: string
  start_ms: number
  step_ms: number
  version: number
  slowest: string | null
  slowest_us: number | null
}

export type TrafficTables = { traffic_counters: TrafficCounterTable; traffic_parts: TrafficPartTable }
