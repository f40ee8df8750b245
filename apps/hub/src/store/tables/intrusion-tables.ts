/** The tables of intrusion detection: how far the trail was read, what was counted, what was found, and what each organisation has set. */

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
  /** When the last sign was counted. */
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
  /** The record that made it fire. */
  sequence: number
  response_state: Intrusion['response']['state']
  /** When the hub acted: what it did is undone only where nobody has done more since. */
  responded_at_ms: number | null
  found_at_ms: number
  /** When the owners and administrators were written to. */
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
  /** Encrypted (encryption/vault.ts). */
  secret: string
  /** Counts the changes of what is wished: what another webhook has taken counts for nothing here. */
  revision: number
  /** The last finding that is done with, in their order: by the record that made it fire, and its id. */
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
