/** Emptied alert: a deployment whose model has left its last device. */
import type { Alert } from '@skerry/contract/alerts/alert'
import type { EmptiedFact } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'
import { namedAction } from './named-action.ts'

/** The link leads to the deployment, with its selector and its revisions. */
export function emptiedAlert({ deployment, deployable, rolloutId, sinceMs }: EmptiedFact): Alert {
  const code = 'deployment_empty'
  return {
    id: `${code}:${deployment}`,
    code,
    ...ruleOf(code, deployment),
    count: 1,
    sinceMs,
    message: `${deployable} was removed from the last device of the deployment ${deployment}`,
    objects: [{ kind: 'rollout', name: rolloutId }],
    link: `/deployments/${encodeURIComponent(deployment)}`,
  }
}

/** The commands of the rule name this deployment. */
function ruleOf(code: 'deployment_empty', deployment: string): Pick<Alert, 'severity' | 'action'> {
  const { severity, action } = alertRules[code]
  return { severity, action: namedAction(action, { DEPLOYMENT: deployment }) }
}
