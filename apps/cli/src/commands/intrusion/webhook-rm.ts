/** `skerry intrusion webhook rm` */
import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removeIntrusionWebhook = command({
  name: 'intrusion webhook rm',
  summary: 'Tell no webhook of findings any more',
  examples: ['skerry intrusion webhook rm --yes'],
  arguments: {},
  options: { yes: YES },
  async run({ yes }, session) {
    const { client } = await session.hub()
    await session.confirm('tell no webhook of findings any more', yes)
    await client.intrusion.removeWebhook({}, { signal: session.signal })
    session.print({ json: {}, text: () => 'no webhook is told of findings any more' })
  },
})
