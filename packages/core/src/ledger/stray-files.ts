/**
 * Stray files: model files in the store that the database does not know. A crash leaves one, a restored backup leaves those that were pushed
 * since, and a wrong database makes all of them stray. So few are collected, and only those that arrived under the eyes of this hub.
 */
import type { Digest } from '@skerry/contract/values/digest'

export type StrayFacts = {
  /** Files that the store holds, known and stray ones. */
  files: number
  /** Stray files that arrived since this hub leads, and have been stray for longer than a push takes. */
  fresh: readonly Digest[]
  /** Stray files that were there before: only a person can know why. */
  earlier: readonly Digest[]
  /** A person has asked that all stray files go. */
  isAsked: boolean
}

/** `isHalted`: so many would go that something else must be wrong. */
export type StrayVerdict = { remove: readonly Digest[]; kept: number; isHalted: boolean }

/** Crashes leave one file each; a hub does not crash more often between two sweeps of ten minutes. */
const FEW = 5

/** In a store of thousands of files, some more pushes may have been cut off. More than a twentieth was not. */
const SHARE = 0.05

export function straysToRemove({ files, fresh, earlier, isAsked }: StrayFacts): StrayVerdict {
  if (isAsked) return { remove: [...earlier, ...fresh], kept: 0, isHalted: false }
  const isHalted = fresh.length > Math.max(FEW, files * SHARE)
  if (isHalted) return { remove: [], kept: earlier.length + fresh.length, isHalted }
  return { remove: fresh, kept: earlier.length, isHalted }
}
