import { command } from '../../program/command.ts'
import { MODEL_FEED, modelFeedText } from './model-feed-view.ts'

export const showModelFeed = command({
  name: 'model-feed show',
  summary: 'Show a model feed: its place, its last version, and its problem',
  examples: ['skerry model-feed show anomaly', 'skerry model-feed show anomaly --json'],
  arguments: { name: MODEL_FEED },
  options: {},
  async run({ name }, session) {
    const { client } = await session.hub()
    const feed = await client.modelFeed.get({ name }, { signal: session.signal })
    session.print({ json: feed, text: () => modelFeedText(feed, session.style) })
  },
})
