/** Flow sight: a flow as a person sees it who looks: figures with rates, and the newest values of each part. */
import type { FlowSink } from '@skerry/contract/flows/flow'
import type { FlowFigures, FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowLook, FlowPartLook } from '@skerry/contract/flows/flow-look'
import { partRates } from '@skerry/core/values/figure-rates'
import type { PartSight } from './part-sights.ts'

export type FlowSight = Omit<FlowFigures, 'parts'> &
  Pick<FlowLook, 'countedFromMs'> & { parts: FlowPartLook[]; sinks: readonly FlowSink[] }

/** A thread that works out a long expression answers later; its figures of a moment ago do meanwhile. */
export const SIGHT_MAX_MS = 1_000

/** Figures come every second. Rates over fewer seconds jump with each batch of a source. */
const KEPT = 6

export type PartHistory = {
  push(parts: readonly FlowPartFigures[]): void
  /** With rates over the last seconds. Values that nobody saw are none. */
  looks(parts: readonly (FlowPartFigures & Partial<PartSight>)[]): FlowPartLook[]
}

export function createPartHistory(monotonicMs: () => number): PartHistory {
  const kept: { atMs: number; parts: readonly FlowPartFigures[] }[] = []
  return {
    push(parts) {
      kept.push({ atMs: monotonicMs(), parts })
      if (kept.length > KEPT) kept.shift()
    },
    looks(parts) {
      const [oldest] = kept
      const rates = partRates(oldest?.parts ?? parts, parts, oldest ? monotonicMs() - oldest.atMs : 0)
      return parts.map(({ last = 0, recent = [], ...figures }, at) => {
        const { inPerSecond = 0, outPerSecond = 0, lostPerSecond = 0 } = rates[at] ?? {}
        return { ...figures, inPerSecond, outPerSecond, lostPerSecond, last, recent }
      })
    },
  }
}
