/** Moved alert: a monitored version whose values differ from its reference. */
import type { Alert } from '@skerry/contract/alerts/alert'
import type { MovedFact, MovedFeature } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'

/** More names are no help; the page of the monitor has all. */
const FEATURES_SHOWN = 3

const FINDINGS: Readonly<Record<string, string>> = {
  drift: 'moved',
  missing: 'has missing values',
  stuck: 'is stuck at one value',
}

/** The link leads to the monitor. */
export function movedAlert({ model, version, sinceMs, features }: MovedFact): Alert {
  const code = 'model_moved'
  const { severity, action } = alertRules[code]
  const shown = features.slice(0, FEATURES_SHOWN).map(featureText)
  const others = features.length - shown.length
  return {
    id: `${code}:${model}:${version}`,
    code,
    severity,
    action: action.replace('MODEL', model),
    count: Math.max(1, features.length),
    sinceMs,
    message: `${model}:${version}: ${[...shown, ...(others > 0 ? [`${others} more`] : [])].join(', ')}`,
    objects: [],
    link: `/monitors/${encodeURIComponent(model)}`,
  }
}

const featureText = ({ feature, findings }: MovedFeature) =>
  `${feature} ${findings.map((finding) => FINDINGS[finding] ?? finding).join(' and ')}`
