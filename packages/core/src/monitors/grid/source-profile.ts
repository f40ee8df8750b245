/** Source profile: the reference of the tags of a source, made from the grids that its devices counted. */
import type { FeatureCounts, FeatureProfile, ReferenceProfile } from '@skerry/contract/monitors/profile'
import { subjectOfSource } from '@skerry/contract/monitors/subject'
import { type CountedWindow, mergedAt } from '../verdict.ts'
import { binningOf, countsAt } from './grid-bins.ts'

type Tags = { source: string; tags: readonly string[]; left: number }

/**
 * The profile with which devices begin to count these tags; the profile before if it has the same tags. Tags that were there
 * before keep their reference.
 */
export function startedProfile({ source, tags, left }: Tags, before: ReferenceProfile | undefined): ReferenceProfile {
  const known = before?.features.map(({ feature }) => feature) ?? []
  if (before && known.join() === tags.join()) return before
  return {
    v: 1,
    model: subjectOfSource(source),
    version: (before?.version ?? 0) + 1,
    origin: before?.origin ?? 'start',
    rows: before?.rows ?? 0,
    features: tags.map((tag) => before?.features.find(({ feature }) => feature === tag) ?? newFeature(tag)),
    left,
  }
}

const newFeature = (tag: string): FeatureProfile => ({
  feature: tag,
  side: 'input',
  tensor: tag,
  edges: [],
  counts: [0],
  missing: 0,
})

type Collected = { ok: true; profile: ReferenceProfile } | { ok: false; message: string }

/** The next profile, with bins of the values in these windows. They must have been counted by the profile before. */
export function profileFromGrids(
  before: ReferenceProfile,
  windows: readonly CountedWindow[],
  rowsMin: number,
): Collected {
  const rows = windows.reduce((sum, { counted }) => sum + counted, 0)
  if (rows < rowsMin)
    return {
      ok: false,
      message: `devices have counted ${rows} rows of it, one a second, and a reference needs ${rowsMin}`,
    }
  const features = before.features.map((feature, at) => profiled(feature, mergedAt(feature, windows, at)))
  return { ok: true, profile: { ...before, version: before.version + 1, origin: 'devices', rows, features } }
}

function profiled({ feature, side, tensor }: FeatureProfile, counted: FeatureCounts): FeatureProfile {
  const binning = binningOf(counted)
  return { feature, side, tensor, ...binning, ...countsAt(binning.edges, counted) }
}

/** Counts of other devices, such as those of a site, in the bins of the profile. */
export const inBinsOf = ({ features }: ReferenceProfile, counted: readonly FeatureCounts[]): FeatureCounts[] =>
  features.map(({ edges }, at) => countsAt(edges, counted[at] ?? { counts: [0], missing: 0 }))
