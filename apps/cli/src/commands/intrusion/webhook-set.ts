/** `skerry intrusion webhook set` */
import { IntrusionWebhookWish } from '@skerry/contract/intrusion/intrusion-webhook'
import { command, fits, required } from '../../program/command.ts'

export const setIntrusionWebhook = command({
  name: 'intrusion webhook set',
  summary: 'Send each finding to a webhook; the secret that signs it is shown only once',
  details:
    'From now on, each finding is sent at least once, in order; the header Idempotency-Key identifies duplicates. Setting it again creates a new ' +
    'secret, and pending findings go to the new address. The operator must permit an address that is not public: "skerry hub --webhook-allow ' +
    'HOST:PORT". Only the secret goes to stdout.',
  examples: ['skerry intrusion webhook set https://soc.plant.example/skerry > webhook-secret.txt'],
  arguments: { url: required('<url>', 'https address of the webhook', fits(IntrusionWebhookWish.shape.url)) },
  options: {},
  async run({ url }, session) {
    const { client } = await session.hub()
    const made = await client.intrusion.setWebhook({ url }, { signal: session.signal })
    session.note(session.style.dim('The secret of the webhook, shown only once:'))
    session.print({ json: made, text: () => made.secret })
  },
})
