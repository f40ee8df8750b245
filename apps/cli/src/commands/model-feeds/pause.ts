import { command } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { MODEL_FEED } from './model-feed-view.ts'

export const pauseModelFeed = command({
  name: 'model-feed pause',
  summary: 'Pause a model feed: it imports nothing',
  examples: ['skerry model-feed pause anomaly --reason "freeze until Monday"'],
  arguments: { name: MODEL_FEED },
  options: { reason: REASON },
  async run({ name, reason }, session) {
    const { client } = await session.hub()
    const feed = await client.modelFeed.pause({ name, reason }, { signal: session.signal })
    session.print({ json: feed, text: () => `paused the model feed ${name}` })
  },
})
