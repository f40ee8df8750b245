/** Tell finding: says one finding to an organisation's webhook, signed with the secret that they share. */

import type { IntrusionMessage } from '@skerry/contract/intrusion/intrusion-webhook'
import type { IntrusionId, OrganisationId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import type { IntrusionTable, IntrusionWebhookTable } from '../store/tables/intrusion-tables.ts'
import { type Reply, signatureOf } from '../webhooks/webhooks.ts'
import { intrusionOf } from './intrusion-store.ts'
import { webhookSecretPlace } from './intrusion-webhook-store.ts'

/** Rejects where the secret cannot be opened; all else that goes wrong is the answer. */
export async function tellFinding(
  { store, vault, webhooks, clock }: Hub,
  { organisation_id, url, secret }: IntrusionWebhookTable,
  message: IntrusionMessage,
  signal: AbortSignal,
): Promise<Reply | { error: string }> {
  const key = (await vault.open(store.db, webhookSecretPlace(organisation_id), secret)).toString()
  const payload = JSON.stringify(message)
  const headers = {
    // Told again, it is the same: whoever has seen it may drop it.
    'idempotency-key': message.finding.id,
    'x-skerry-signature': signatureOf(key, payload, clock.nowMs()),
  }
  return webhooks.tell({ url, headers, payload }, signal)
}

/** Any 2xx: what else it says is its own affair. */
export const isTaken = ({ status }: Reply): boolean => status >= 200 && status < 300

export const messageOf = (row: IntrusionTable): IntrusionMessage => ({
  kind: 'intrusion.found',
  isTest: false,
  organisationId: row.organisation_id,
  foundAtMs: row.found_at_ms,
  finding: intrusionOf(row),
})

/** Of the same form, about nobody. */
export const testMessage = (organisationId: OrganisationId, id: IntrusionId, nowMs: number): IntrusionMessage => ({
  kind: 'intrusion.found',
  isTest: true,
  organisationId,
  foundAtMs: nowMs,
  finding: {
    id,
    rule: 'permission_probing',
    status: 'open',
    score: 1,
    threshold: 1,
    count: 1,
    subject: { kind: 'key', id: '', name: 'test' },
    firstMs: nowMs,
    lastMs: nowMs,
    evidence: [],
    response: { state: 'none' },
  },
})
