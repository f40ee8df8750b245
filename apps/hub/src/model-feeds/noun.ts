/** Model feeds: models of other systems that the hub imports. */
import type { Noun } from '../nouns/noun.ts'
import { startModelFeeds } from './feed-engine.ts'
import { modelFeedHandlers } from './model-feed-handlers.ts'

type Handlers = { modelFeed: typeof modelFeedHandlers }

const handlers: Handlers = { modelFeed: modelFeedHandlers }

export const modelFeedNoun = {
  handlers,
  purge: [['model_feeds', ['id']]],
  raises: { modelFeed: ['models'] },
  engines: [startModelFeeds],
} satisfies Noun
