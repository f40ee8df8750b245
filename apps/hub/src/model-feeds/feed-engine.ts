/** Feed engine: the leader checks each model feed when its time has come. A slow server does not hold up the others. */
import type { ModelFeedId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import { checkFeed } from './check-feed.ts'
import { dueModelFeeds } from './model-feed-store.ts'

/** A person who presses a button should not wait long, and a look costs one query. */
const LOOK_MS = 1_000

/** Each may hold a file in memory. */
const AT_ONCE_MAX = 2

/** Starts the loop; it ends with `hub.signal` at the latest. */
export function startModelFeeds(hub: Hub): AsyncDisposable {
  const stop = new AbortController()
  const signal = AbortSignal.any([hub.signal, stop.signal])
  const running = run({ ...hub, signal })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new DOMException('the hub is no longer the leader', 'AbortError'))
      await running
    },
  }
}

async function run(hub: Hub): Promise<void> {
  const busy = new Map<ModelFeedId, Promise<void>>()
  while (!hub.signal.aborted) {
    const due = await dueModelFeeds(hub.store.db, hub.clock.nowMs()).catch((error: unknown) => {
      if (!hub.signal.aborted) hub.log.error('loop_failed', { loop: 'model_feeds', error })
      return []
    })
    for (const row of due) {
      if (busy.has(row.id) || busy.size >= AT_ONCE_MAX) continue
      const task = checkFeed(hub, row)
        .catch((error: unknown) => {
          if (!hub.signal.aborted) hub.log.error('model_feed_failed', { feed: row.name, error })
        })
        .finally(() => busy.delete(row.id))
      busy.set(row.id, task)
    }
    await hub.clock.sleep(LOOK_MS, hub.signal).catch(() => undefined)
  }
  await Promise.all(busy.values())
}
