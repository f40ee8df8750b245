/**
 * Serving history of each model: the runner's ends since the version was activated, the version's counts before them,
 * and the figures of the previous version. It is in memory only: after a restart the agent reports less, and nothing
 * wrong.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ServingStats, VersionStats } from '@skerry/contract/devices/item'
import { isSameLoad } from '@skerry/core/device/item-life'

export type ServingHistory = {
  /** Requests go to the item from now on. The same item again means a restored one. */
  activated(item: DesiredItem): void
  /** The runner's figures of the item. */
  heard(item: DesiredItem, stats: VersionStats): void
  /** The runner has ended by itself while it ran these items. If nobody knows which, all of them count it. */
  ended(running: readonly DesiredItem[]): void
  /** Only the version has ended by itself, in its thread or its process. */
  broke(item: DesiredItem): void
  /** The model is gone from the runner. */
  forget(model: string): void
  /** All figures, with the runner's current ones. */
  statsOf(item: DesiredItem, stats: VersionStats): ServingStats
}

type Record = {
  item: DesiredItem
  restarts: number
  /** The counts of earlier runners. */
  before: Counts
  /** The newest figures of this runner. */
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

/** The counts of latencies would be half of each later report. */
const withoutLatency = ({ latency: _, ...stats }: VersionStats): VersionStats => stats

/** Percentiles and moments start again with the runner. Counts do not. */
function beginAnew(record: Record): void {
  record.before = plus(record.before, record.last)
  record.last = { ...record.last, requests: 0, failures: 0, dropped: 0 }
}

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
        stats: { ...withoutLatency(before.last), ...plus(before.before, before.last) },
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
