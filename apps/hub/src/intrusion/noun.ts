/** Intrusion detection: findings, rules and notifications. */
import type { Noun } from '../nouns/noun.ts'
import { detectIntrusions } from './detection.ts'
import { intrusionHandlers } from './intrusion-handlers.ts'
import { intrusionWebhookHandlers } from './intrusion-webhook-handlers.ts'
import { startIntrusionWebhooks } from './intrusion-webhooks.ts'
import { sendLetters } from './letters.ts'

type Handlers = {
  intrusion: typeof intrusionHandlers & typeof intrusionWebhookHandlers
}

const handlers: Handlers = { intrusion: { ...intrusionHandlers, ...intrusionWebhookHandlers } }

export const intrusionNoun = {
  handlers,
  purge: [
    ['intrusion_tallies', ['organisation_id', 'rule', 'subject_id']],
    ['intrusion_settings', ['organisation_id', 'rule']],
    ['intrusion_cursors', ['organisation_id']],
    ['intrusions', ['id']],
    ['intrusion_webhooks', ['organisation_id']],
  ],
  sweeps: [
    { name: 'intrusions', everyMs: 5_000, run: detectIntrusions },
    { name: 'intrusion_letters', everyMs: 60_000, run: sendLetters },
  ],
  engines: [startIntrusionWebhooks],
} satisfies Noun
