/**
 * Leading: the work that is done once, regardless of the number of hubs. A hub begins it when it takes the lead, and
 * ends it when it loses the lead.
 */
import { runSweeps } from './background.ts'
import type { Lead } from './cluster/cluster.ts'
import type { Hub } from './hub.ts'
import { engines } from './nouns/nouns.ts'

/** Starts the work. All its writes go through the lead's store. */
export function startLeading(hub: Hub, { store, signal }: Lead): AsyncDisposable {
  const leading: Hub = { ...hub, store, signal: AbortSignal.any([hub.signal, signal]) }
  const started = new AsyncDisposableStack()
  for (const start of engines) started.use(start(leading))
  const stop = new AbortController()
  const sweeps = runSweeps({ ...leading, signal: AbortSignal.any([leading.signal, stop.signal]) })
  started.defer(async () => {
    stop.abort(new DOMException('the hub is no longer the leader', 'AbortError'))
    await sweeps
    // Otherwise the next leader and this hub would both send them.
    for (const registry of Object.values(hub.metrics.led)) registry.clear()
  })
  return started
}
