/** The tables of pairs. */
import type { HeldPairs } from '@skerry/contract/held/pairs'
import type { DeviceId, OrganisationId, PairId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type PairTable = {
  id: PairId
  organisation_id: OrganisationId
  name: string
  first_id: DeviceId
  second_id: DeviceId
  witness_id: DeviceId
  address: string
  interface: string
  /** Counts planned switches. */
  turn: number
  turn_to: DeviceId | null
  created_at_ms: number
  created_by: string
}

export type PairReportTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  said: Json<HeldPairs>
  said_at_ms: number
}

export type PairTables = { pairs: PairTable; pair_reports: PairReportTable }
