import { command } from '../../program/command.ts'
import { MODEL_FEED } from './model-feed-view.ts'

export const resumeModelFeed = command({
  name: 'model-feed resume',
  summary: 'Resume a paused model feed; the hub checks it at once',
  examples: ['skerry model-feed resume anomaly'],
  arguments: { name: MODEL_FEED },
  options: {},
  async run({ name }, session) {
    const { client } = await session.hub()
    const feed = await client.modelFeed.resume({ name }, { signal: session.signal })
    session.print({ json: feed, text: () => `resumed the model feed ${name}` })
  },
})
