/** Blob collection: which files a device may throw away. Never those of a version that serves, is wanted, or is the way back. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Digest } from '@skerry/contract/values/digest'
import type { ItemLife } from './item-life.ts'

export type CollectionFacts = {
  lives: readonly ItemLife[]
  /** Whole blobs on disk, and the sizes of those that are still arriving. */
  blobs: ReadonlyMap<Digest, number>
  parts: ReadonlyMap<Digest, number>
  freeBytes: number
  /** So much stays free whatever arrives. */
  floorBytes: number
  /** What the runner holds in memory; absent while it is down. */
  loaded?: readonly { item: DesiredItem }[]
}

export type CollectStep = { kind: 'collect'; digests: Digest[]; parts: Digest[] }

/** Throws away what no record names. The version before the last good one stays while there is room. */
export function collectSteps(facts: CollectionFacts): CollectStep[] {
  const kept = new Set([...digestsOf(needed(facts)), ...digestsOf(spare(facts))])
  const step = collection(facts, kept)
  return step.digests.length + step.parts.length > 0 ? [step] : []
}

/** What to throw away so that `missingBytes` can come; undefined when there is room already, or when it would not help. */
export function collectToFit(facts: CollectionFacts, missingBytes: number): CollectStep | undefined {
  const lackingBytes = missingBytes + facts.floorBytes - facts.freeBytes
  if (lackingBytes <= 0) return undefined
  const step = collection(facts, new Set(digestsOf(needed(facts))))
  const sizes = [
    ...step.digests.map((digest) => facts.blobs.get(digest)),
    ...step.parts.map((digest) => facts.parts.get(digest)),
  ]
  const gainedBytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
  return gainedBytes > 0 && gainedBytes >= lackingBytes ? step : undefined
}

const needed = ({ lives, loaded }: CollectionFacts): DesiredItem[] => [
  ...lives.flatMap(({ target, lastGood }) => (lastGood ? [target, lastGood] : [target])),
  ...(loaded ?? []).map(({ item }) => item),
]

const spare = ({ lives }: CollectionFacts) => lives.flatMap(({ previousGood }) => previousGood ?? [])

const digestsOf = (items: readonly DesiredItem[]) => items.flatMap(({ files }) => files.map(({ digest }) => digest))

function collection({ blobs, parts }: CollectionFacts, kept: ReadonlySet<Digest>): CollectStep {
  const unkept = (digests: Iterable<Digest>) => [...digests].filter((digest) => !kept.has(digest))
  return { kind: 'collect', digests: unkept(blobs.keys()), parts: unkept(parts.keys()) }
}
