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

/** A pair that a person has ended. Devices end their part only for such a record. */
export type EndedPairTable = Pick<PairTable, 'id' | 'organisation_id' | 'first_id' | 'second_id' | 'witness_id'> & {
  ended_at_ms: number
}

export type PairReportTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  said: Json<HeldPairs>
  said_at_ms: number
}

export type PairTables = { pairs: PairTable; ended_pairs: EndedPairTable; pair_reports: PairReportTable }
