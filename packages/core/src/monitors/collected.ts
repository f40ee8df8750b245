/** Collected profile: the counts of devices become the reference. The bins stay those of the profile before. */
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { type CountedWindow, mergedAt } from './verdict.ts'

/** Fewer rows are more noise than a reference; a verdict needs about as many. */
const ROWS_MIN = 500

type Collected = { ok: true; profile: ReferenceProfile } | { ok: false; message: string }

/** The windows must have been counted in the bins of the profile. */
export function profileFromWindows(before: ReferenceProfile, windows: readonly CountedWindow[]): Collected {
  const rows = windows.reduce((sum, { counted }) => sum + counted, 0)
  if (rows < ROWS_MIN)
    return { ok: false, message: `devices have counted ${rows} rows of it, and a profile needs ${ROWS_MIN}` }
  const features = before.features.map(({ moments: _, ...reference }, at) => ({
    ...reference,
    ...mergedAt(reference, windows, at),
  }))
  return { ok: true, profile: { ...before, origin: 'devices', rows, features } }
}
