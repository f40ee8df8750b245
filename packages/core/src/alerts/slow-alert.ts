/** Slow alert: a version that answers more slowly on devices than the goal of its last optimisation. */
import type { Alert } from '@skerry/contract/alerts/alert'
import { proposalCommand, proposalPath } from '../builds/proposal.ts'
import type { SlowFact } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'

/** The link opens the proposed optimisation. */
export function slowAlert({ proposal, device, count, p95Us, optimisation }: SlowFact): Alert {
  const code = 'model_slow'
  const { model, version, goal } = proposal
  const name = `${model}:${version}`
  const measuredMs = Number((p95Us / 1_000).toPrecision(3))
  const others = count > 1 ? ` (${count} devices are above the goal)` : ''
  const more = `\`skerry model bench ${name} --devices 'device.name == ${JSON.stringify(device)}'\``
  return {
    id: `${code}:${model}:${version}`,
    code,
    severity: alertRules[code].severity,
    action: `Make other builds with \`${proposalCommand(proposal)}\`. Measure them there with ${more}. Then \`skerry deploy ${name} --build best\` deploys the fastest`,
    count,
    message: `${name} answers 95 % of the requests to ${device} within ${measuredMs} ms, and the goal of ${optimisation} is ${goal.p95MaxMs} ms${others}`,
    objects: [{ kind: 'device', name: device }],
    link: proposalPath(proposal, measuredMs),
  }
}
