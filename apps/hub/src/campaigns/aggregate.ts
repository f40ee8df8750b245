/**
 * Aggregate: new weights from the updates of a round. A mean reads one update after the other, and holds one sum. A rank
 * strategy and Krum read the same part of all updates. So the memory does not grow with the participants.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { CampaignNoise } from '@skerry/contract/campaigns/noise'
import type { CampaignStrategy } from '@skerry/contract/campaigns/strategy'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { CampaignCourse } from '@skerry/core/campaigns/course'
import { addDistances, emptyDistances, krumChoice } from '@skerry/core/campaigns/krum'
import { type ControlFacts, createControlMixer } from '@skerry/core/campaigns/scaffold'
import {
  addNoise,
  createMixer,
  isAdaptive,
  isMeanStrategy,
  isRankStrategy,
  type Mixed,
  mixRanked,
  mixStep,
  noiseDeviation,
  type ServerMoments,
} from '@skerry/core/campaigns/strategy'
import { stepNorm, weightsOfBytes } from '@skerry/core/campaigns/weights'
import { normalNumbers } from '@skerry/core/privacy/clipping'
import { secureNumbers } from '@skerry/platform/sealing/secure-numbers'
import type { Hub } from '../hub.ts'
import type { CampaignTable } from '../store/tables/learning/campaign-tables.ts'
import { readBlob, readWeights } from './campaign-blobs.ts'
import { maskedStep } from './masked-sum.ts'

/** `sumWeight`: only of a sum of a site, which is the mean of several updates: the sum of their weights. */
export type Update = { device: DeviceId; digest: Digest; rows: number; sumWeight?: number }

export type Aggregation = {
  strategy: CampaignStrategy
  noise: CampaignNoise | undefined
  elements: number
  base: Digest
  moments: Digest | null
  /** The training on devices, and how many devices the campaign has: for corrected steps. */
  local: Pick<ControlFacts, 'training' | 'fleet'>
  updates: readonly Update[]
}

/** `isFar`: Krum leaves the update out. */
export type UpdateStep = { norm: number; isBounded: boolean; isFar?: boolean }

/** The new weights, and how long each step was. */
export type Aggregate = Mixed & { steps: Map<DeviceId, UpdateStep> }

/** Weights of a part: with 1,000 participants, its values take 64 MB. */
const PART = 16_384

export async function aggregateUpdates(hub: Hub, it: Aggregation, signal: AbortSignal): Promise<Aggregate> {
  const { strategy } = it
  if (isMeanStrategy(strategy)) return meanOf(hub, { ...it, strategy }, signal)
  if (isRankStrategy(strategy)) return rankedOf(hub, it, strategy, signal)
  return nearestOf(hub, it, strategy.attackers, signal)
}

async function rankedOf(
  hub: Hub,
  it: Aggregation,
  strategy: Parameters<typeof mixRanked>[0],
  signal: AbortSignal,
): Promise<Aggregate> {
  const weights = new Float32Array(it.elements)
  for (let at = 0; at < it.elements; at += PART) {
    weights.set(mixRanked(strategy, await partsOf(hub, it, at, signal)), at)
    await breathe()
  }
  return { weights, moments: {}, steps: new Map() }
}

/** The same part of all updates, from a place on. */
async function partsOf(
  hub: Hub,
  { elements, updates }: Aggregation,
  at: number,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const size = Math.min(PART, elements - at)
  const range = { start: at * 4, end: (at + size) * 4 - 1 }
  const parts: Float32Array[] = []
  for (const { digest } of updates) {
    const bytes = await readBlob(hub, { digest, sizeBytes: size * 4, range }, signal)
    const part = weightsOfBytes(bytes, size)
    if (part) parts.push(part)
  }
  return parts
}

/** The mean of the updates that Krum chooses. The others are named. */
async function nearestOf(hub: Hub, it: Aggregation, attackers: number, signal: AbortSignal): Promise<Aggregate> {
  const distances = emptyDistances(it.updates.length)
  for (let at = 0; at < it.elements; at += PART) {
    addDistances(distances, await partsOf(hub, it, at, signal))
    await breathe()
  }
  const chosen = new Set(krumChoice(distances, attackers))
  const near = it.updates.filter((_, place) => chosen.has(place))
  const mean = await meanOf(hub, { ...it, strategy: { kind: 'fedavg' }, updates: near }, signal)
  for (const [place, { device }] of it.updates.entries())
    if (!chosen.has(place))
      mean.steps.set(device, { norm: await normOf(hub, it, place, signal), isBounded: false, isFar: true })
  return mean
}

async function normOf(hub: Hub, { base, elements, updates }: Aggregation, place: number, signal: AbortSignal) {
  const digest = updates[place]?.digest ?? base
  return stepNorm(await readWeights(hub, base, elements, signal), await readWeights(hub, digest, elements, signal))
}

type MeanAggregation = Aggregation & { strategy: Parameters<typeof createMixer>[0] }

async function meanOf(hub: Hub, it: MeanAggregation, signal: AbortSignal): Promise<Aggregate> {
  const { strategy, elements, updates, noise, local } = it
  const base = await readWeights(hub, it.base, elements, signal)
  const moments = await momentsOf(hub, it, signal)
  const mixer = createMixer(strategy, base, moments, noise)
  const mean = moments.first ?? new Float32Array(elements)
  const control = strategy.kind === 'scaffold' ? createControlMixer({ start: base, mean, ...local }) : undefined
  const steps: Aggregate['steps'] = new Map()
  for (const { device, digest, rows, sumWeight } of updates) {
    const values = await readWeights(hub, digest, elements, signal)
    if (sumWeight === undefined) steps.set(device, mixer.add(values, rows))
    else mixer.join(values, sumWeight)
    control?.add(values, rows)
    // One update of 8 M weights takes some 20 ms; other callers get their turn between two.
    await breathe()
  }
  const step = mixer.step()
  if (noise) await blur(step, noiseDeviation(noise, { updates: updates.length, elements }))
  return {
    ...mixStep(strategy, { base, step, moments }),
    ...(control && { moments: { first: control.next() } }),
    steps,
  }
}

/** Adds the noise of differential privacy, a part at a time, so that other callers get their turn. */
async function blur(step: Float64Array, deviation: number): Promise<void> {
  const normal = normalNumbers(secureNumbers())
  for (let at = 0; at < step.length; at += PART) {
    addNoise(step.subarray(at, at + PART), deviation, normal)
    await breathe()
  }
}

type MaskedAggregation = Aggregation & { row: CampaignTable; course: CampaignCourse }

/** New weights from the sum of masked updates, or the reason why the sum stays masked. */
export async function aggregateMasked(
  hub: Hub,
  it: MaskedAggregation,
  signal: AbortSignal,
): Promise<Aggregate | { reason: string }> {
  const { strategy, elements, noise } = it
  if (!isMeanStrategy(strategy)) throw new Error(`${strategy.kind} needs single updates`)
  const sum = await maskedStep(hub, it, signal)
  if (!sum.ok) return sum
  const base = await readWeights(hub, it.base, elements, signal)
  const moments = await momentsOf(hub, { ...it, strategy }, signal)
  const { updates, word } = sum
  if (noise) await blur(sum.step, noiseDeviation(noise, { updates, elements, word }))
  return { ...mixStep(strategy, { base, step: sum.step, moments }), steps: new Map() }
}

/** Both moments are in one blob, the first one first. */
async function momentsOf(hub: Hub, { strategy, moments, elements }: MeanAggregation, signal: AbortSignal) {
  if (moments === null) return {}
  const both = isAdaptive(strategy)
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
