/** Invalid answers alert: a language model whose answers often break their schema. */
import type { Alert } from '@skerry/contract/alerts/alert'
import type { InvalidAnswersFact } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'
import { namedAction } from './named-action.ts'

/** A flow loses one value of twenty above it. */
export const INVALID_SHARE_MAX = 0.05

export function invalidAnswersAlert(fact: InvalidAnswersFact): Alert {
  const { model, version, device, count, invalidShare, deployment } = fact
  const code = 'answers_invalid'
  const { severity, action } = alertRules[code]
  const others = count > 1 ? ` (so do those on ${count - 1} other ${count === 2 ? 'device' : 'devices'})` : ''
  return {
    id: `${code}:${model}:${version}`,
    code,
    severity,
    action: namedAction(action, { MODEL: model, DEPLOYMENT: deployment }),
    count,
    message: `${Math.round(invalidShare * 100)} % of the last answers of ${model}:${version} on ${device} break their schema${others}`,
    objects: [{ kind: 'device', name: device }],
    link: `/devices/${device}`,
  }
}
