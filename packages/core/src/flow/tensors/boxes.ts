/** Boxes: what stands around the things that a detector found, and which of several around one thing stays. */

/** Corners, in pixels from the left and the top. */
export type Box = { left: number; top: number; right: number; bottom: number }

export type FoundBox = Box & { classIndex: number; score: number }

/** The surest of more than the largest detectors tell apart; what is found beyond them is noise. */
const FOUND_MAX = 10_000

const areaOf = ({ left, top, right, bottom }: Box) => Math.max(0, right - left) * Math.max(0, bottom - top)

/** [Jaccard, "Intersection over union"] area(A and B) / area(A or B): 0 where they share nothing, 1 where they are the same. */
export function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (areaOf(a) + areaOf(b) - shared)
}

export type OverlapRule = { iouMax: number; among: 'class' | 'all'; max: number }

/**
 * [Felzenszwalb et al. 2010, 3.5, "Non-maximum suppression"] The surest first: each stays unless one that stayed overlaps it by more than `iouMax`.
 * Of those that are equally sure the one that was found first stays.
 */
export function suppress(found: readonly FoundBox[], { iouMax, among, max }: OverlapRule): FoundBox[] {
  const kept: FoundBox[] = []
  for (const box of found.toSorted((a, b) => b.score - a.score).slice(0, FOUND_MAX)) {
    if (kept.length >= max) break
    const isNear = (other: FoundBox) =>
      (among === 'all' || other.classIndex === box.classIndex) && overlapOf(other, box) > iouMax
    if (!kept.some(isNear)) kept.push(box)
  }
  return kept
}
