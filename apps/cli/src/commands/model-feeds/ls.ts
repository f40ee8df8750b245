import { command } from '../../program/command.ts'
import { modelFeedsTable } from './model-feed-view.ts'

export const listModelFeeds = command({
  name: 'model-feed ls',
  summary: 'List the models of other systems that the hub imports again when they change',
  examples: ['skerry model-feed ls', 'skerry model-feed ls -o wide'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const { rows } = await client.modelFeed.list({}, { signal: session.signal })
    session.print({ json: rows, text: () => modelFeedsTable(rows, session.style) })
  },
})
