/**
 * Flow counts: how a flow fares, in the words in which a model says it, so that one judgement of probations and gates holds for both. A request is
 * what a model or a sink was asked; a failure is what it did not do, and each crash. What a queue left out, as the flow states, was never asked: a camera
 * that is quicker than its model says nothing about either. It is told beside them.
 */

import type { VersionStats } from '@skerry/contract/devices/item'
import type { FlowFigures, FlowPartFigures } from '@skerry/contract/flows/flow-figures'

const isAsked = (figures: FlowPartFigures) => figures.part === 'sink' || figures.latencyP99Ms !== undefined

/** Since the flow began in its thread. */
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
  /** Counts of before, and what is said now. */
  hear(parts: FlowFigures['parts']): VersionStats
  /** One request that failed. What the thread had counted stays, and the next one begins anew. */
  crashed(): void
}

/** Of a version that is live from now on; `stale` is what the version before it had said last, which says nothing of this one. */
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
