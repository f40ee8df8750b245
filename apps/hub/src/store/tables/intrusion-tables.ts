/**
 * The tables of intrusion detection: the position in each trail, the tallies, the findings, and the settings of each
 * organisation.
 */

import type { Intrusion, IntrusionResponse, IntrusionRule } from '@skerry/contract/intrusion/intrusion'
import type { IntrusionWebhook } from '@skerry/contract/intrusion/intrusion-webhook'
import type { IntrusionId, OrganisationId } from '@skerry/contract/values/ids'
import type { SignTally } from '@skerry/core/intrusion/intrusion'
import type { Json } from '../json-column.ts'

type IntrusionCursorTable = { organisation_id: OrganisationId; sequence: number }

type IntrusionTallyTable = {
  organisation_id: OrganisationId
  rule: IntrusionRule
  subject_id: string
  tally: Json<SignTally>
  /** The time of the last counted sign. */
  at_ms: number
}

export type IntrusionTable = {
  organisation_id: OrganisationId
  id: IntrusionId
  rule: IntrusionRule
  subject_kind: Intrusion['subject']['kind']
  subject_id: string
  subject_name: string
  status: Intrusion['status']
  threshold: number
  tally: Json<SignTally>
  /** The record that triggered the finding. */
  sequence: number
  response_state: Intrusion['response']['state']
  /** The time of the hub's response. It is reversed only if nobody has changed the state since. */
  responded_at_ms: number | null
  found_at_ms: number
  /** The time of the letters to owners and administrators. */
  told_at_ms: number | null
  closed: Json<NonNullable<Intrusion['closed']>> | null
}

type IntrusionSettingTable = {
  organisation_id: OrganisationId
  rule: IntrusionRule
  is_on: number
  threshold: number
  response: IntrusionResponse
}

export type IntrusionWebhookTable = {
  organisation_id: OrganisationId
  url: string
  /** The encrypted secret of the webhook (encryption/vault.ts). */
  secret: string
  /** The number of changes of the settings. A delivery to an earlier webhook does not count for this one. */
  revision: number
  /** The last delivered or discarded finding, ordered by the record that triggered it, and its id. */
  done_sequence: number
  done_id: string
  sent_at_ms: number | null
  problem: Json<NonNullable<IntrusionWebhook['problem']>> | null
  given_up: Json<IntrusionWebhook['givenUp']>
}

export type IntrusionTables = {
  intrusion_cursors: IntrusionCursorTable
  intrusion_tallies: IntrusionTallyTable
  intrusions: IntrusionTable
  intrusion_settings: IntrusionSettingTable
  intrusion_webhooks: IntrusionWebhookTable
}
