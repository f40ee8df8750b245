/**
 * Sample site: the place of the sample data, and the mark by which it is recognised. Nothing of the sample reaches a
 * device at another site.
 */
import type { Status } from '@skerry/contract/api/hub-procedures'
import type { SiteState } from '@skerry/contract/sites/site'

export const SAMPLE_SITE = 'sample'

/** The hub cannot know it. It tells the sample from a person's own site of the same name. */
export const SAMPLE_LABELS: Readonly<Record<string, string>> = { 'sample-data': 'guided-tour' }

export const isSampleSite = ({ site, labels }: Pick<SiteState, 'site' | 'labels'>): boolean =>
  site === SAMPLE_SITE && Object.entries(SAMPLE_LABELS).every(([key, value]) => labels[key] === value)

/** Whether nobody has begun to use the hub, so that a sample disturbs nothing. */
export const isUntouched = ({
  sites,
  models,
  deployments,
}: Pick<Status, 'sites' | 'models' | 'deployments'>): boolean => sites === 0 && models === 0 && deployments === 0
