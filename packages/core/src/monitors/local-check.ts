/**
 * Local check: a device judges its own counts as the hub judges those of all, without the hub. It alerts only: a
 * warning is for people, and nobody reads one on a device.
 */
import type { Watch } from '@skerry/contract/held/monitors'
import type { FeatureFinding } from '@skerry/contract/monitors/monitor'
import type { FeatureCounts, ReferenceProfile } from '@skerry/contract/monitors/profile'
import { featureVerdicts } from './verdict.ts'

/** The features of a version whose values alert on this device. */
export type MovedFeature = { feature: string; findings: FeatureFinding[] }

/** None without a reference, as an older hub sends it, and with too few rows. The counts are in the order of the watch. */
export function movedFeatures(
  { model, version, features: watched, check }: Watch,
  counts: readonly FeatureCounts[],
): MovedFeature[] {
  if (!check) return []
  const known = watched.flatMap(({ reference, ...feature }, at) => {
    const current = counts[at]
    return reference && current ? [{ profile: { ...feature, ...reference }, current }] : []
  })
  const features = known.map(({ profile }) => profile)
  const reference: ReferenceProfile = { v: 1, model, version, origin: 'golden', rows: 1, features, left: 0 }
  const current = known.map((one) => one.current)
  const window = { windows: 1, startMs: 0, endMs: 0, rows: 0, counted: 0, features: current }
  return featureVerdicts(reference, [window], check)
    .filter(({ state }) => state === 'alert')
    .map(({ feature, findings }) => ({ feature, findings }))
}

const SHOWN_MAX = 3

/** Such as `x[3] (drift), x[1] (stuck)`. */
export const movedText = (moved: readonly MovedFeature[]): string =>
  moved
    .slice(0, SHOWN_MAX)
    .map(({ feature, findings }) => `${feature} (${findings.join(', ')})`)
    .join(', ')
