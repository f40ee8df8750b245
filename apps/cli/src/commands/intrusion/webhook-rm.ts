/** `skerry intrusion webhook rm` */
import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removeIntrusionWebhook = command({
  name: 'intrusion webhook rm',
  summary: 'Stop sending findings to the webhook',
  examples: ['skerry intrusion webhook rm --yes'],
  arguments: {},
  options: { yes: YES },
  async run({ yes }, session) {
    const { client } = await session.hub()
    await session.confirm('stop sending findings to the webhook', yes)
    await client.intrusion.removeWebhook({}, { signal: session.signal })
    session.print({
      json: {},
      text: () => 'no webhook receives findings any more',
    })
  },
})
