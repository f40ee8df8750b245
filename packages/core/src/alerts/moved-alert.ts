/** Moved alert: a monitored version whose values differ from its reference. */
import type { Alert } from '@skerry/contract/alerts/alert'
import type { MovedFact, MovedFeature } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'
import { namedAction } from './named-action.ts'

/** More names are no help; the page of the monitor has all. */
const FEATURES_SHOWN = 3

const FINDINGS: Readonly<Record<string, string>> = {
  drift: 'moved',
  missing: 'has missing values',
  stuck: 'is stuck at one value',
}

/** The link leads to the monitor. */
export function movedAlert({
  model,
  version,
  sinceMs,
  features,
  cohorts = [],
  estimated,
  estimatedError,
  deployment,
}: MovedFact): Alert {
  const code = 'model_moved'
  const { severity, action } = alertRules[code]
  const shown = features.slice(0, FEATURES_SHOWN).map(featureText)
  const others = features.length - shown.length
  const parts = [
    ...shown,
    ...(others > 0 ? [`${others} more`] : []),
    ...(estimated ? [estimateText(estimated)] : []),
    ...(estimatedError ? [errorText(estimatedError)] : []),
  ]
  const what = parts.join(', ') || 'values moved'
  return {
    id: `${code}:${model}:${version}`,
    code,
    severity,
    action: namedAction(action, { MODEL: model, DEPLOYMENT: deployment }),
    count: Math.max(1, features.length),
    sinceMs,
    message: `${model}:${version}: ${what}${placeText(cohorts)}`,
    objects: [],
    link: `/monitors/${encodeURIComponent(model)}`,
  }
}

const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`

const estimateText = ({ accuracy, reference }: NonNullable<MovedFact['estimated']>) =>
  `an estimated ${percent(accuracy)} of the answers are right, of ${percent(reference)} before`

const figure = (value: number) => String(Number(value.toPrecision(3)))

const errorText = ({ mae, reference }: NonNullable<MovedFact['estimatedError']>) =>
  `an estimated mean error of ${figure(mae)}, of ${figure(reference)} before`

const featureText = ({ feature, findings }: MovedFeature) =>
  `${feature} ${findings.map((finding) => FINDINGS[finding] ?? finding).join(' and ')}`

/** A cohort such as `site=hamburg`. */
function placeText(cohorts: readonly string[]): string {
  if (cohorts.length === 0) return ''
  const others = cohorts.length - FEATURES_SHOWN
  return `, only at ${cohorts.slice(0, FEATURES_SHOWN).join(', ')}${others > 0 ? ` and ${others} more` : ''}`
}
