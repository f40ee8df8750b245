/** The tables of values that devices send. */

import type { Lane, SinkValue, StreamId } from '@skerry/contract/sinks/sink-value'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'

type Quality = SinkValue['quality']

export type TelemetryTable = {
  device_id: DeviceId
  signal: string
  at_ms: number
  stream: StreamId
  lane: Lane
  sequence: number
  organisation_id: OrganisationId
  /** When it came in, in hours since 1970: what is removed is removed by this, for a device's clock may say anything. */
  hour: number
  number: number | null
  text: string | null
  quality: Quality
  cause: string | null
}

/** `last`: the highest number that is here, or was lost before. */
export type TelemetryStreamTable = {
  device_id: DeviceId
  stream: StreamId
  lane: Lane
  organisation_id: OrganisationId
  last: number
  lost: number
  at_ms: number
}

export type TelemetrySignalTable = {
  device_id: DeviceId
  signal: string
  organisation_id: OrganisationId
  unit: string | null
  count: number
  newest_at_ms: number
  newest_number: number | null
  newest_text: string | null
  newest_quality: Quality
}

export type TelemetryHourTable = { organisation_id: OrganisationId; hour: number; count: number }

export type TelemetryTables = {
  telemetry: TelemetryTable
  telemetry_streams: TelemetryStreamTable
  telemetry_signals: TelemetrySignalTable
  telemetry_hours: TelemetryHourTable
}
