/** Label merge: what two people changed in the labels of one device, key by key. */
import type { Labels } from '@skerry/contract/values/names'

export type LabelSets = { base: Labels; mine: Labels; theirs: Labels }

/** Their labels, with what I changed on top; where both changed a key, mine counts, because I am about to look at it. */
export function rebaseLabels({ base, mine, theirs }: LabelSets): Labels {
  const merged: Labels = { ...theirs }
  for (const [key, value] of Object.entries(mine)) if (base[key] !== value) merged[key] = value
  for (const key of Object.keys(base)) if (!Object.hasOwn(mine, key)) delete merged[key]
  return merged
}
