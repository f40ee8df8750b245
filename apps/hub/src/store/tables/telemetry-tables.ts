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
  /** The time of arrival, in hours since 1970. The sweep removes by it, because a device's clock may be wrong. */
  hour: number
  number: number | null
  text: string | null
  quality: Quality
  cause: string | null
}

/** `last`: the highest number that was stored, or lost before. */
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
  source: string | null
  tag: string | null
  count: number
  newest_at_ms: number
  newest_number: number | null
  newest_text: string | null
  newest_quality: Quality
  /** For signals of the priority `urgent`: since when the good value is not 0. */
  raised_at_ms: number | null
}

export type TelemetryHourTable = { organisation_id: OrganisationId; hour: number; count: number }

export type TelemetryTables = {
  telemetry: TelemetryTable
  telemetry_streams: TelemetryStreamTable
  telemetry_signals: TelemetrySignalTable
  telemetry_hours: TelemetryHourTable
}
