import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { MODEL_FEED } from './model-feed-view.ts'

export const removeModelFeed = command({
  name: 'model-feed rm',
  summary: 'Remove a model feed; the versions that it pushed stay',
  examples: ['skerry model-feed rm anomaly --yes'],
  arguments: { name: MODEL_FEED },
  options: { yes: YES },
  async run({ name, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the model feed ${name}, and its token`, yes)
    await client.modelFeed.remove({ name }, { signal: session.signal })
    session.print({ json: { name }, text: () => `removed the model feed ${name}` })
  },
})
