/** Vulnerable alert: devices run parts with severe vulnerabilities that nobody has accepted. */
import type { Alert } from '@skerry/contract/alerts/alert'
import type { AlertFacts } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'
import { alertFor, countText } from './finding.ts'

/** One alert for all: the list of vulnerabilities shows each of them. */
export function vulnerableAlerts(vulnerable: AlertFacts['vulnerable']): Alert[] {
  if (!vulnerable) return []
  const { count, worst } = vulnerable
  const others = count > 1 ? `; ${count - 1} more ${count === 2 ? 'is' : 'are'} open` : ''
  const message = `${countText(worst.devices, 'device')} ${worst.devices === 1 ? 'runs' : 'run'} a part with ${worst.id} (${worst.severity})${others}`
  const action = alertRules.vulnerabilities_open.action.replaceAll(' ID', ` ${worst.id}`)
  const severity = worst.severity === 'critical' ? { severity: 'critical' as const } : {}
  const link = count === 1 ? `/vulnerabilities/${encodeURIComponent(worst.id)}` : '/vulnerabilities'
  return [alertFor({ code: 'vulnerabilities_open', message, action, count, objects: [], link, ...severity })]
}
