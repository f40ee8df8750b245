/**
 * Aggregate: new weights from the updates of a round. A mean reads one update after the other, and holds one sum. A rank
 * strategy reads the same part of all updates. So the memory does not grow with the participants.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { CampaignStrategy } from '@skerry/contract/campaigns/strategy'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { createMixer, isRankStrategy, type Mixed, mixRanked, type ServerMoments } from '@skerry/core/campaigns/strategy'
import { weightsOfBytes } from '@skerry/core/campaigns/weights'
import type { Hub } from '../hub.ts'
import { readBlob, readWeights } from './campaign-blobs.ts'

export type Update = { device: DeviceId; digest: Digest; rows: number }

export type Aggregation = {
  strategy: CampaignStrategy
  elements: number
  base: Digest
  moments: Digest | null
  updates: readonly Update[]
}

/** The new weights, and how long each step was. */
export type Aggregate = Mixed & { steps: Map<DeviceId, { norm: number; isBounded: boolean }> }

/** Weights of a part: with 1,000 participants, its values take 64 MB. */
const PART = 16_384

export async function aggregateUpdates(hub: Hub, it: Aggregation, signal: AbortSignal): Promise<Aggregate> {
  const { strategy } = it
  if (!isRankStrategy(strategy)) return meanOf(hub, { ...it, strategy }, signal)
  const weights = new Float32Array(it.elements)
  for (let at = 0; at < it.elements; at += PART) {
    const size = Math.min(PART, it.elements - at)
    const range = { start: at * 4, end: (at + size) * 4 - 1 }
    const parts: Float32Array[] = []
    for (const { digest } of it.updates) {
      const bytes = await readBlob(hub, { digest, sizeBytes: size * 4, range }, signal)
      const part = weightsOfBytes(bytes, size)
      if (part) parts.push(part)
    }
    weights.set(mixRanked(strategy, parts), at)
    await breathe()
  }
  return { weights, moments: {}, steps: new Map() }
}

type MeanAggregation = Aggregation & { strategy: Parameters<typeof createMixer>[0] }

async function meanOf(hub: Hub, it: MeanAggregation, signal: AbortSignal): Promise<Aggregate> {
  const { strategy, elements, updates } = it
  const base = await readWeights(hub, it.base, elements, signal)
  const mixer = createMixer(strategy, base, await momentsOf(hub, it, signal))
  const steps: Aggregate['steps'] = new Map()
  for (const { device, digest, rows } of updates) {
    steps.set(device, mixer.add(await readWeights(hub, digest, elements, signal), rows))
    // One update of 8 M weights takes some 20 ms; other callers get their turn between two.
    await breathe()
  }
  return { ...mixer.mix(), steps }
}

/** Both moments are in one blob, the first one first. */
async function momentsOf(hub: Hub, { strategy, moments, elements }: MeanAggregation, signal: AbortSignal) {
  if (moments === null) return {}
  const both = strategy.kind === 'fedadam'
  const line = await readWeights(hub, moments, both ? elements * 2 : elements, signal)
  return both ? { first: line.subarray(0, elements), second: line.subarray(elements) } : { first: line }
}

/** The moments as one line; undefined if the strategy has none. */
export function momentsLine({ first, second }: ServerMoments): Float32Array | undefined {
  if (!first) return undefined
  const line = new Float32Array(first.length + (second?.length ?? 0))
  line.set(first)
  if (second) line.set(second, first.length)
  return line
}
