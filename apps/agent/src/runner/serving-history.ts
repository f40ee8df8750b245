/**
 * Serving history: of each model, how often its runner has ended since its version was activated, what the version had counted before that,
 * and how the version that it took over from fared. Kept in memory: an agent that starts anew says less, and nothing wrong.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ServingStats, VersionStats } from '@skerry/contract/devices/item'
import { isSameLoad } from '@skerry/core/device/item-life'

export type ServingHistory = {
  /** Requests go to the item from now on. The same one again is one that was restored. */
  activated(item: DesiredItem): void
  /** What the runner says of it. */
  heard(item: DesiredItem, stats: VersionStats): void
  /** The runner has ended by itself, while it ran these; where nobody knows which, all of them count it. */
  ended(running: readonly DesiredItem[]): void
  /** The version alone has ended by itself, in its thread or its process. */
  broke(item: DesiredItem): void
  /** The model is gone. */
  forget(model: string): void
  /** The whole of it, with what the runner says now. */
  statsOf(item: DesiredItem, stats: VersionStats): ServingStats
}

type Record = {
  item: DesiredItem
  restarts: number
  /** Of the runners before. */
  before: Counts
  /** The newest of this runner. */
  last: VersionStats
  replaced?: ServingStats['replaced']
}

type Counts = Pick<VersionStats, 'requests' | 'failures' | 'dropped'>

const NONE: VersionStats = { requests: 0, failures: 0 }

function plus(a: Counts, b: Counts): Counts {
  const dropped = (a.dropped ?? 0) + (b.dropped ?? 0)
  return {
    requests: a.requests + b.requests,
    failures: a.failures + b.failures,
    ...(dropped > 0 ? { dropped } : {}),
  }
}

/** Percentiles and moments begin anew with the runner; counts do not. */
function beginAnew(record: Record): void {
  record.before = plus(record.before, record.last)
  record.last = { ...record.last, requests: 0, failures: 0, dropped: 0 }
}

/** An empty one. */
export function createServingHistory(): ServingHistory {
  const records = new Map<string, Record>()
  const recordOf = (item: DesiredItem) => {
    const record = records.get(item.name)
    return record && isSameLoad(record.item, item) ? record : undefined
  }
  return {
    activated(item) {
      const before = records.get(item.name)
      if (recordOf(item)) return
      const replaced = before && {
        version: before.item.version,
        stats: { ...before.last, ...plus(before.before, before.last) },
      }
      records.set(item.name, { item, restarts: 0, before: NONE, last: NONE, ...(replaced && { replaced }) })
    },
    heard(item, stats) {
      const record = recordOf(item)
      if (record) record.last = stats
    },
    ended(running) {
      for (const record of records.values()) {
        const isPart = running.length === 0 || running.some(({ name: model }) => model === record.item.name)
        if (isPart) record.restarts++
        beginAnew(record)
      }
    },
    broke(item) {
      const record = recordOf(item)
      if (!record) return
      record.restarts++
      beginAnew(record)
    },
    forget: (model) => void records.delete(model),
    statsOf(item, stats) {
      const record = recordOf(item)
      if (!record) return stats
      const { restarts, before, replaced } = record
      return { ...stats, ...plus(before, stats), restarts, ...(replaced && { replaced }) }
    },
  }
}
