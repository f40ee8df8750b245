/** Label merge: the changes of two people to the labels of one device, key by key. */
import type { Labels } from '@skerry/contract/values/names'

export type LabelSets = { base: Labels; mine: Labels; theirs: Labels }

/**
 * Returns their labels with my changes on top. If both people changed a key, my value counts, because I am about to
 * review it.
 */
export function rebaseLabels({ base, mine, theirs }: LabelSets): Labels {
  const merged: Labels = { ...theirs }
  for (const [key, value] of Object.entries(mine)) if (base[key] !== value) merged[key] = value
  for (const key of Object.keys(base)) if (!Object.hasOwn(mine, key)) delete merged[key]
  return merged
}
