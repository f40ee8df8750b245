/** Intrusion alert: the alert about a finding that nobody has looked into yet. */
import type { Alert, AlertSeverity } from '@skerry/contract/alerts/alert'
import type { Intrusion, IntrusionRule } from '@skerry/contract/intrusion/intrusion'
import { intrusionRules } from '../intrusion/intrusion-rules.ts'
import { alertRules } from './alert-rules.ts'
import { namedAction } from './named-action.ts'

/** A new administrator may well be meant; the rest is not. */
export const intrusionSeverity = (rule: IntrusionRule): AlertSeverity =>
  rule === 'new_administrator' ? 'info' : alertRules.intrusion_suspected.severity

/** The link leads to the finding, and from there to the suspect's actions. */
export function intrusionAlert({ id, rule, subject, count, firstMs, response }: Intrusion): Alert {
  const code = 'intrusion_suspected'
  const name = subject.name || subject.id
  const about = `${subject.kind === 'user' ? 'the person' : `the ${subject.kind}`} ${name}`
  return {
    id: `${code}:${id}`,
    code,
    action: namedAction(alertRules[code].action, { FINDING: id }),
    count,
    sinceMs: firstMs,
    severity: intrusionSeverity(rule),
    message: `${intrusionRules[rule].means}: ${about}${DONE[response.state] ?? ''}`,
    objects: [{ kind: subject.kind, name }],
    link: `/security?finding=${id}`,
  }
}

const DONE: Partial<Record<Intrusion['response']['state'], string>> = {
  done: '; the hub has acted by itself',
  would: '; the hub would have acted, but the rule is set to dry-run',
  refused: '; it belongs to an owner, so the hub has not locked it',
}
