/** The table of the answers of people to alerts about equipment. */
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

/** A person, the time, and the comment or the reason. */
export type GivenAnswer = { by: string; atMs: number; comment?: string }

export type AlertAnswerTable = {
  organisation_id: OrganisationId
  device_id: DeviceId
  kind: 'alarm' | 'source' | 'sink'
  name: string
  /** The begin of the occurrence that is acknowledged. */
  acknowledged_since_ms: number | null
  acknowledged: Json<GivenAnswer> | null
  shelved_until_ms: number | null
  shelved: Json<GivenAnswer> | null
}

export type AlertAnswerTables = { alert_answers: AlertAnswerTable }
