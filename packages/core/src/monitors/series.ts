/** Series: the distance of each feature of a version from its reference, point by point. */
import { POINTS_MAX, type StabilityPoint } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { stabilityIndex } from './distance.ts'
import { type CountedWindow, mergedAt } from './verdict.ts'

/** Points of equal length from `fromMs` on; times without a window have none. */
export function seriesOf(
  profile: ReferenceProfile,
  windows: readonly CountedWindow[],
  { fromMs, stepMs }: { fromMs: number; stepMs: number },
): StabilityPoint[] {
  const steps = Map.groupBy(windows, ({ startMs }) => Math.floor((startMs - fromMs) / stepMs))
  return [...steps]
    .toSorted(([a], [b]) => a - b)
    .slice(-POINTS_MAX)
    .map(([step, part]) => pointOf(profile, part, fromMs + step * stepMs, stepMs))
}

function pointOf(
  profile: ReferenceProfile,
  windows: readonly CountedWindow[],
  startMs: number,
  stepMs: number,
): StabilityPoint {
  return {
    startMs,
    endMs: startMs + stepMs,
    windows: windows.reduce((sum, one) => sum + one.windows, 0),
    rows: windows.reduce((sum, { counted }) => sum + counted, 0),
    stability: profile.features.map(
      (reference, at) => stabilityIndex(reference.counts, mergedAt(reference, windows, at).counts) ?? null,
    ),
  }
}
