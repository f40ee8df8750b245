import { setTimeout as sleep } from 'node:timers/promises'
import { command, flag } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { checkedText, MODEL_FEED } from './model-feed-view.ts'

/** The hub gives an import twenty minutes. */
const WAIT_MS_MAX = 1_230_000

const LOOK_MS = 500

export const syncModelFeed = command({
  name: 'model-feed sync',
  summary: 'Check a model feed now, and wait for the outcome',
  details: 'With --anew the hub fetches the model even if the place says that it is the same.',
  examples: ['skerry model-feed sync anomaly', 'skerry model-feed sync anomaly --anew'],
  arguments: { name: MODEL_FEED },
  options: { isAnew: flag('--anew', 'fetch the model in any case') },
  async run({ name, isAnew }, session) {
    const { client } = await session.hub()
    const { signal } = session
    let feed = await client.modelFeed.sync({ name, isAnew }, { signal })
    const checkedAtMs = feed.checkedAtMs ?? 0
    const endMs = session.io.nowMs() + WAIT_MS_MAX
    // The hub sets the time of the next check when one has ended, so a check that was under way does not count.
    while (
      feed.state !== 'paused' &&
      ((feed.checkedAtMs ?? 0) <= checkedAtMs || feed.nextAtMs <= (feed.checkedAtMs ?? 0))
    ) {
      if (session.io.nowMs() > endMs) throw fail('feed_check_unfinished', `the hub has not checked ${name} yet`)
      await sleep(LOOK_MS, undefined, { signal })
      feed = await client.modelFeed.get({ name }, { signal })
    }
    if (feed.state === 'failed')
      throw fail('feed_check_failed', `${feed.problem?.code ?? name}: ${feed.problem?.message ?? 'it failed'}`)
    session.print({ json: feed, text: () => checkedText(feed) })
  },
})
