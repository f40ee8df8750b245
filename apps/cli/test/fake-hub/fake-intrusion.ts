/** Fake intrusion: the webhook of findings, as the hub answers about it. */

import type { IntrusionWebhook } from '@skerry/contract/intrusion/intrusion-webhook'
import { IntrusionId } from '@skerry/contract/values/ids'
import type { FakeState, Implementer } from './fake-state.ts'

const message = 'the webhook answered 503'
const WEBHOOK: IntrusionWebhook = {
  url: 'https://soc.example/skerry',
  waiting: 2,
  waitingSinceMs: 0,
  problem: { message, sinceMs: 0, attempts: 7 },
  givenUp: { count: 1, newest: { intrusion: IntrusionId.parse('int_abcdefgh234567'), atMs: 0, message } },
}

/** Its receiver refuses what it is told. */
export function intrusionRouter(os: Implementer, state: FakeState) {
  return {
    webhook: os.intrusion.webhook.handler(() => ({ webhook: WEBHOOK })),
    setWebhook: os.intrusion.setWebhook.handler(({ input: { url } }) => {
      state.calls.push(`intrusion.setWebhook ${url}`)
      return { webhook: { ...WEBHOOK, url }, secret: 'shown-once' }
    }),
    removeWebhook: os.intrusion.removeWebhook.handler(() => {
      state.calls.push('intrusion.removeWebhook')
      return {}
    }),
    testWebhook: os.intrusion.testWebhook.handler(() => ({ isTaken: false, status: 401, text: 'who are you' })),
  }
}
