/** `skerry intrusion webhook set` */
import { IntrusionWebhookWish } from '@skerry/contract/intrusion/intrusion-webhook'
import { command, fits, required } from '../../program/command.ts'

export const setIntrusionWebhook = command({
  name: 'intrusion webhook set',
  summary: 'Tell a webhook of each finding; the secret that signs it is shown this once',
  details:
    'Each finding is told at least once, in order, from now on; the header Idempotency-Key tells doubles. Set again, the secret is a new ' +
    'one, and what waits is told there. One that is not public must be allowed by whoever runs the hub: "skerry hub --webhook-allow ' +
    'HOST:PORT". The secret alone goes to stdout.',
  examples: ['skerry intrusion webhook set https://soc.plant.example/skerry > webhook-secret.txt'],
  arguments: { url: required('<url>', 'where it listens, https', fits(IntrusionWebhookWish.shape.url)) },
  options: {},
  async run({ url }, session) {
    const { client } = await session.hub()
    const made = await client.intrusion.setWebhook({ url }, { signal: session.signal })
    session.note(session.style.dim('The secret of the webhook, shown this once:'))
    session.print({ json: made, text: () => made.secret })
  },
})
