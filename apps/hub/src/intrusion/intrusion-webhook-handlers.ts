/** Procedures on the webhook that is told of findings. */
import { tellVaultError } from '../encryption/tell-vault-error.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { toJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { cursorOf } from './intrusion-store.ts'
import { findWebhook, forgetWebhook, saveWebhook, webhookOf, webhookSecretPlace } from './intrusion-webhook-store.ts'
import { isTaken, tellFinding, testMessage } from './tell-finding.ts'

/** Enough to see what it says; and no way to read pages where the hub may go and the caller may not. */
const TEXT_MAX = 200

export const intrusionWebhookHandlers = {
  webhook: os.intrusion.webhook.handler(async ({ context: { hub, organisationId } }) => {
    const row = await findWebhook(hub.store.db, organisationId)
    return row ? { webhook: await webhookOf(hub.store.db, row) } : {}
  }),
  setWebhook: os.intrusion.setWebhook.handler(async ({ context, input: { url }, signal }) => {
    const { hub, organisationId } = context
    await hub.webhooks.addressOf(new URL(url), signal ?? hub.signal).catch((error: unknown) => {
      throw problem('intrusion_webhook_refused', error instanceof Error ? error.message : undefined)
    })
    return context.change(async (tx, note) => {
      const before = await findWebhook(tx, organisationId)
      const secret = hub.ids.secret()
      const place = webhookSecretPlace(organisationId)
      const row = {
        organisation_id: organisationId,
        url,
        revision: (before?.revision ?? 0) + 1,
        secret: await tellVaultError(() => hub.vault.seal(tx, place, Buffer.from(secret))),
        // What was found before is no news; every id comes after none.
        done_sequence: before?.done_sequence ?? (await cursorOf(tx, organisationId)) + 1,
        done_id: before?.done_id ?? '',
        sent_at_ms: before?.sent_at_ms ?? null,
        problem: null,
        given_up: toJson({ count: 0 }),
      }
      await saveWebhook(tx, row)
      note.object = objectOf(url)
      return { webhook: await webhookOf(tx, row), secret }
    })
  }),
  removeWebhook: os.intrusion.removeWebhook.handler(({ context }) =>
    context.change(async (tx, note) => {
      const row = await known(tx, context)
      const { waiting, givenUp } = await webhookOf(tx, row)
      await forgetWebhook(tx, context.organisationId)
      note.object = objectOf(row.url)
      note.detail = { waiting, givenUp: givenUp.count }
      return {}
    }),
  ),
  testWebhook: os.intrusion.testWebhook.handler(async ({ context, signal }) => {
    const { hub, organisationId } = context
    const row = await known(hub.store.db, context)
    const message = testMessage(organisationId, hub.ids.intrusion(), hub.clock.nowMs())
    const reply = await tellVaultError(() => tellFinding(hub, row, message, signal ?? hub.signal))
    const answer =
      'error' in reply
        ? { isTaken: false, text: reply.error }
        : { isTaken: isTaken(reply), status: reply.status, text: reply.text.slice(0, TEXT_MAX) }
    return context.change(async (_tx, note) => {
      const { text: _, ...detail } = answer
      note.object = objectOf(row.url)
      note.detail = detail
      return answer
    })
  }),
}

/** What stands behind the host may be as good as a key. */
const objectOf = (url: string) => ({ kind: 'webhook', id: new URL(url).host.slice(0, 128) })

async function known(db: Db, { organisationId }: KeyCall) {
  const row = await findWebhook(db, organisationId)
  if (!row) throw problem('intrusion_webhook_unknown')
  return row
}
