/** Feature changes: a version may have other features than the version before it. Their histories are never joined. */
import type { FeatureChanges } from '@skerry/contract/monitors/monitor'
import type { FeatureProfile, ReferenceProfile } from '@skerry/contract/monitors/profile'

/** Undefined if there is no version before, or if its features are the same. */
export function featureChanges(
  now: ReferenceProfile,
  before: ReferenceProfile | undefined,
): FeatureChanges | undefined {
  if (!before) return undefined
  const old = new Map(before.features.map((one) => [one.feature, one]))
  const names = new Set(now.features.map(({ feature }) => feature))
  const added = now.features.filter(({ feature }) => !old.has(feature))
  const removed = before.features.filter(({ feature }) => !names.has(feature))
  const changed = now.features.filter((one) => isChanged(old.get(one.feature), one))
  if (added.length + removed.length + changed.length === 0) return undefined
  return { before: before.version, added: namesOf(added), removed: namesOf(removed), changed: namesOf(changed) }
}

const namesOf = (features: readonly FeatureProfile[]) => features.map(({ feature }) => feature)

const isChanged = (before: FeatureProfile | undefined, now: FeatureProfile) =>
  before !== undefined && (before.side !== now.side || (before.form ?? 'number') !== (now.form ?? 'number'))

/** More names are in the table of features, and in the JSON form. */
const NAMED_MAX = 8

/** In sentences. `noun` is the word for a version of the subject, such as `version`. */
export function changesText(
  version: number,
  { before, added, removed, changed }: FeatureChanges,
  noun: string,
): string {
  const parts = [
    ...sentence(removed, `of ${noun} ${before}`, `not in ${noun} ${version}`),
    ...sentence(added, undefined, `new in ${noun} ${version}`),
    ...sentence(changed, undefined, `counted in another way than in ${noun} ${before}`),
  ]
  return `${parts.join(' ')} The history of ${noun} ${before} stays with it, and does not continue in ${noun} ${version}.`
}

function sentence(features: readonly string[], of: string | undefined, what: string): string[] {
  if (features.length === 0) return []
  const more = features.length - NAMED_MAX
  const names = [...features.slice(0, NAMED_MAX), ...(more > 0 ? [`${more} more`] : [])].join(', ')
  const noun = features.length === 1 ? 'Feature' : 'Features'
  return [`${noun} ${names}${of === undefined ? '' : ` ${of}`} ${features.length === 1 ? 'is' : 'are'} ${what}.`]
}
