/**
 * Request quota: how often the people and programs of an organisation have asked this hub, and whether once more is within its quota. Counted
 * in memory: a count that a restart forgets harms nobody, and a write for each request would cost more than most of them. Of several hubs each
 * allows its part.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type RequestWindow, usedIn, waitMs, windowAt } from '@skerry/core/people/request-window'
import type { Bus } from '../bus.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { problem } from '../http/problem.ts'
import type { Store } from '../store/store.ts'

export type RequestQuota = {
  /** Counts a request, or throws where it would be one too many. What is refused is not counted. */
  take(id: OrganisationId): Promise<void>
  /** How many within the last minute, through this hub. */
  used(id: OrganisationId): number
}

/** What an operator says anew counts at once, by the bus; where that is broken, and where hubs come and go, after so long. */
const REMEMBERED_MS = 5_000

type Deps = {
  store: Pick<Store, 'db'>
  clock: { nowMs(): number }
  bus: Pick<Bus, 'subscribe'>
  cluster: Pick<Cluster, 'isShared' | 'members'>
}

/** Knows nothing yet. */
export function createRequestQuota({ store, clock, bus, cluster }: Deps): RequestQuota {
  // At most as many as there are organisations: only callers who were let in are counted.
  const windows = new Map<OrganisationId, RequestWindow>()
  const bounds = new Map<OrganisationId, { max: number | undefined; untilMs: number }>()
  bus.subscribe('organisation.changed', undefined, (id) => void bounds.delete(id as OrganisationId))
  bus.subscribe('everything.changed', undefined, () => bounds.clear())

  const boundOf = async (id: OrganisationId): Promise<number | undefined> => {
    const known = bounds.get(id)
    if (known && clock.nowMs() < known.untilMs) return known.max
    const select = store.db.selectFrom('organisations').select('requests_per_minute_max').where('id', '=', id)
    const max = (await select.executeTakeFirst())?.requests_per_minute_max ?? undefined
    const hubs = max !== undefined && cluster.isShared ? Math.max(1, (await cluster.members()).length) : 1
    const part = max && Math.ceil(max / hubs)
    bounds.set(id, { max: part, untilMs: clock.nowMs() + REMEMBERED_MS })
    return part
  }
  return {
    async take(id) {
      const max = await boundOf(id)
      const nowMs = clock.nowMs()
      const window = windowAt(windows.get(id), nowMs)
      const retryAfterMs = max === undefined ? 0 : waitMs(window, max, nowMs)
      if (max !== undefined && retryAfterMs > 0)
        throw beyond(max, { used: Math.ceil(usedIn(window, nowMs)), retryAfterMs })
      windows.set(id, { ...window, count: window.count + 1 })
    },
    used(id) {
      const nowMs = clock.nowMs()
      return Math.round(usedIn(windowAt(windows.get(id), nowMs), nowMs))
    },
  }
}

function beyond(max: number, { used, retryAfterMs }: { used: number; retryAfterMs: number }) {
  const seconds = Math.ceil(retryAfterMs / 1_000)
  const message = `the organisation may send ${max} requests a minute to this hub, and has sent ${used}; try again in ${seconds} s, or ask the operator of this hub for a larger quota`
  return problem('request_quota_reached', message, { quota: 'requestsPerMinute', max, used, retryAfterMs })
}
