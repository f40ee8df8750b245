/** Collected profile: the counts of devices become the reference. The bins stay those of the profile before. */
import type { FeatureCounts, ReferenceProfile } from '@skerry/contract/monitors/profile'
import { type CountedWindow, mergedAt } from './verdict.ts'

/** Fewer rows are more noise than a reference; a verdict needs about as many. */
export const REFERENCE_ROWS_MIN = 500

type Collected = { ok: true; profile: ReferenceProfile } | { ok: false; message: string }

/** The windows must have been counted in the bins of the profile. */
export function profileFromWindows(before: ReferenceProfile, windows: readonly CountedWindow[]): Collected {
  const rows = windows.reduce((sum, { counted }) => sum + counted, 0)
  if (rows < REFERENCE_ROWS_MIN)
    return { ok: false, message: `devices have counted ${rows} rows of it, and a profile needs ${REFERENCE_ROWS_MIN}` }
  const features = before.features.map((reference, at) => mergedAt(reference, windows, at))
  return { ok: true, profile: { ...profileWith(before, { rows, features }), origin: 'devices' } }
}

/** The profile with these counts in its bins, such as those of one site. */
export const profileWith = (
  profile: ReferenceProfile,
  { rows, features }: { rows: number; features: readonly FeatureCounts[] },
): ReferenceProfile => ({
  ...profile,
  rows,
  features: profile.features.map(({ moments, ...reference }, at) => ({
    ...reference,
    ...(features[at] ?? { ...(moments && { moments }) }),
  })),
})
