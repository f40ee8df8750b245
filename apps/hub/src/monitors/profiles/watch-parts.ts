/** Watch parts: the parts of a watch that models and sources have in common. */
import type { Watch } from '@skerry/contract/held/monitors'
import type { MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { FeatureProfile } from '@skerry/contract/monitors/profile'

export const watchedFeature = ({
  counts,
  missing,
  moments,
  ...feature
}: FeatureProfile): Watch['features'][number] => ({
  ...feature,
  reference: { counts, missing, ...(moments && { moments }) },
})

export const checkOf = ({ drift, missing, rowsMin, significance, failsProbation }: MonitorSpec): Watch['check'] => ({
  drift,
  missing,
  rowsMin,
  significance,
  failsProbation,
})
