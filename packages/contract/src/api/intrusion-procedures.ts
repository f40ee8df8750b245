/** Procedures on intrusion detection: what was found, what to look for, and what to do about it. */
import * as z from 'zod'
import { Intrusion, IntrusionRule, IntrusionRuleSetting, IntrusionRuleView } from '../intrusion/intrusion.ts'
import {
  IntrusionWebhook,
  IntrusionWebhookAnswer,
  IntrusionWebhookMade,
  IntrusionWebhookWish,
} from '../intrusion/intrusion-webhook.ts'
import { IntrusionId } from '../values/ids.ts'
import { Page, pageOf, Reason } from '../values/names.ts'
import { procedure } from './procedure.ts'

export const intrusionProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/intrusions',
    access: 'intrusion.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the findings of intrusion detection, newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page, status: Intrusion.shape.status.optional() }))
    .output(pageOf(Intrusion)),
  show: procedure({
    method: 'GET',
    path: '/v1/intrusions/{intrusion}',
    access: 'intrusion.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show one finding with its evidence',
    errors: ['intrusion_unknown'],
  })
    .input(z.strictObject({ intrusion: IntrusionId }))
    .output(Intrusion),
  dismiss: procedure({
    method: 'POST',
    path: '/v1/intrusions/{intrusion}/dismiss',
    access: 'intrusion.write',
    scope: 'none',
    approval: 'none',
    summary:
      'Dismiss a finding after you have looked into it; the count starts again. Actions of the hub stay, unless they are undone',
    errors: ['intrusion_unknown', 'intrusion_closed'],
  })
    .input(z.strictObject({ intrusion: IntrusionId, reason: Reason }))
    .output(Intrusion),
  undo: procedure({
    method: 'POST',
    path: '/v1/intrusions/{intrusion}/undo',
    access: 'intrusion.write',
    scope: 'none',
    approval: 'none',
    summary: 'Undo the response of the hub: the key is valid again, or the device leaves quarantine',
    errors: ['intrusion_unknown', 'intrusion_nothing_done', 'role_refused'],
  })
    .input(z.strictObject({ intrusion: IntrusionId, reason: Reason }))
    .output(Intrusion),
  rules: procedure({
    method: 'GET',
    path: '/v1/intrusion-rules',
    access: 'intrusion.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the rules with their thresholds and responses in this organisation',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rules: z.array(IntrusionRuleView).max(64) })),
  set: procedure({
    method: 'PUT',
    path: '/v1/intrusion-rules',
    access: 'intrusion.write',
    scope: 'none',
    approval: 'none',
    summary: 'Set the threshold of a rule, and the response of the hub',
    errors: [],
  })
    .input(IntrusionRuleSetting.partial().extend({ rule: IntrusionRule }))
    .output(IntrusionRuleView),
  webhook: procedure({
    method: 'GET',
    path: '/v1/intrusion-webhook',
    access: 'intrusion.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show the webhook for findings, its pending findings, and those that could not be sent',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ webhook: IntrusionWebhook.optional() })),
  setWebhook: procedure({
    method: 'PUT',
    path: '/v1/intrusion-webhook',
    access: 'intrusion.write',
    scope: 'none',
    approval: 'none',
    summary: 'Send each finding to a webhook, at least once; creates a new signing secret, which is shown only once',
    errors: ['intrusion_webhook_refused', 'encryption_key_unavailable'],
  })
    .input(IntrusionWebhookWish)
    .output(IntrusionWebhookMade),
  removeWebhook: procedure({
    method: 'DELETE',
    path: '/v1/intrusion-webhook',
    access: 'intrusion.write',
    scope: 'none',
    approval: 'none',
    summary: 'Stop sending findings to the webhook',
    errors: ['intrusion_webhook_unknown'],
  })
    .input(z.strictObject({}).optional())
    .output(z.strictObject({})),
  testWebhook: procedure({
    method: 'POST',
    path: '/v1/intrusion-webhook/test',
    access: 'intrusion.write',
    scope: 'none',
    approval: 'none',
    summary: 'Send an invented finding to the webhook once, and show its answer',
    errors: ['intrusion_webhook_unknown', 'encryption_key_unavailable'],
  })
    .input(z.strictObject({}))
    .output(IntrusionWebhookAnswer),
}
