/**
 * Flow counts: the figures of a flow in the form of a model's, so that probations and gates judge both in the same way.
 * A request is a request to a model or a sink. A failure is one that it did not carry out, and each crash. Values that
 * a queue drops, as the flow configures, are no requests: a camera may be faster than its model. They are counted
 * separately.
 */

import type { VersionStats } from '@skerry/contract/devices/item'
import type { FlowFigures, FlowPartFigures } from '@skerry/contract/flows/flow-figures'

const isAsked = (figures: FlowPartFigures) => figures.part === 'sink' || figures.latencyP99Ms !== undefined

/** Counted since the flow began in its thread. */
export function countsOf({ parts }: Pick<FlowFigures, 'parts'>): VersionStats {
  const asked = parts.filter(isAsked)
  const sum = (figureOf: (figures: FlowPartFigures) => number) =>
    asked.reduce((total, part) => total + figureOf(part), 0)
  const highest = (figureOf: (figures: FlowPartFigures) => number | undefined) =>
    Math.max(...asked.map((part) => figureOf(part) ?? Number.NEGATIVE_INFINITY))
  const p50Ms = highest(({ latencyP50Ms }) => latencyP50Ms)
  const p99Ms = highest(({ latencyP99Ms }) => latencyP99Ms)
  const dropped = sum((part) => part.dropped)
  const requests = Math.max(0, sum((part) => part.in) - dropped)
  return {
    requests,
    failures: Math.min(
      sum(({ bad }) => bad),
      requests,
    ),
    ...droppedOf(dropped),
    ...(Number.isFinite(p50Ms) ? { p50Us: Math.round(p50Ms * 1_000) } : {}),
    ...(Number.isFinite(p99Ms) ? { p99Us: Math.round(p99Ms * 1_000) } : {}),
  }
}

const droppedOf = (dropped: number) => (dropped > 0 ? { dropped } : {})

export type FlowTally = {
  /** The earlier counts, plus the current figures. */
  hear(parts: FlowFigures['parts']): VersionStats
  /** Adds one failed request. The thread's counts stay, and the next thread counts from zero. */
  crashed(): void
}

/**
 * The tally of a version that is live from now on. `stale`: the last figures of the previous version, which do not
 * count for this one.
 */
export function createFlowTally(stale: FlowFigures['parts'] | undefined): FlowTally {
  let ignored = stale
  let newest = stale
  let before: VersionStats = { requests: 0, failures: 0 }
  let now = before
  const plus = (stats: VersionStats): VersionStats => ({
    requests: before.requests + stats.requests,
    failures: before.failures + stats.failures,
    ...droppedOf((before.dropped ?? 0) + (stats.dropped ?? 0)),
  })
  return {
    hear(parts) {
      newest = parts
      if (parts !== ignored) now = countsOf({ parts })
      return { ...now, ...plus(now) }
    },
    crashed() {
      before = plus({ ...now, requests: now.requests + 1, failures: now.failures + 1 })
      now = { requests: 0, failures: 0 }
      ignored = newest
    },
  }
}
