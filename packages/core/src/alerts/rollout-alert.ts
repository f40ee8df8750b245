/** Rollout alert: a rollout that the hub stopped, or that waits for late devices, with the commands that continue it. */
import type { Alert } from '@skerry/contract/alerts/alert'
import { namesWords } from '../values/names-words.ts'
import type { RolloutFact } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'
import { alertFor, countText, type Finding } from './finding.ts'
import { namedAction } from './named-action.ts'

/** At most one. `reason` ends a sentence that the hub began, so it comes last in the message. */
export function rolloutAlerts(rollout: RolloutFact): Alert[] {
  const { id, deployment, revision, status, pausedBy, timedOut, decidedByHubAtMs } = rollout
  const name = `${deployment}, revision ${revision}`
  const common = { about: id, objects: [{ kind: 'rollout' as const, name: id }], link: `/rollouts/${id}` }
  // The pause is part of the strategy, so nothing is wrong.
  if (status === 'paused' && pausedBy === 'plan') return []
  if (decidedByHubAtMs !== undefined && status !== 'rolling') {
    const [code, verb] =
      status === 'paused'
        ? (['rollout_paused', 'is paused'] as const)
        : (['rollout_stopped', status === 'aborted' ? 'was aborted' : 'was rolled back'] as const)
    return [
      alertFor({
        ...common,
        code,
        count: 1,
        message: `the rollout of ${name} ${verb}${becauseOf(rollout)}`,
        sinceMs: decidedByHubAtMs,
        ...actionAfter(rollout),
      }),
    ]
  }
  if (status === 'rolled-back') return [rejectedSpec(rollout, common)]
  // No alert for the others: the person who paused or aborted the rollout knows about it.
  if (status !== 'rolling' || timedOut === 0) return []
  const message = `${countText(timedOut, 'device')} did not answer in time in the rollout of ${name}`
  const code = 'rollout_timed_out'
  const action = namedAction(alertRules[code].action, { DEPLOYMENT: deployment })
  return [alertFor({ ...common, code, count: timedOut, message, action })]
}

/** The action of a stopped rollout. The first revision has no earlier one to return to. */
function actionAfter({ deployment, revision, status, gate, failed }: RolloutFact): Pick<Alert, 'action'> {
  const [device] = failed?.devices ?? []
  const look =
    device === undefined
      ? `See the reason with \`skerry rollout show ${deployment}\``
      : `See the reason with \`skerry deployment explain ${deployment} ${device}\``
  if (status !== 'paused') {
    return { action: `${look}, then deploy a better version. Devices keep their last good version` }
  }
  const back =
    revision === 1
      ? anewText(deployment)
      : `return to the earlier revision with \`skerry deployment rollback ${deployment}\``
  if (gate) return { action: gateAction(deployment, gate, back) }
  return { action: `${look}. Then continue with \`skerry rollout resume ${deployment} --reason REASON\`, or ${back}` }
}

const anewText = (deployment: string) =>
  `deploy another version, or remove the deployment with \`skerry deployment rm ${deployment}\``

/** The reason, and the devices behind it. */
function becauseOf({ reason, failed }: RolloutFact): string {
  if (reason === undefined) return ''
  const who = failed && failed.count > 0 ? ` (${namesWords(failed.devices, failed.count)})` : ''
  return `: ${reason}${who}`
}

/** A person rolled it back and knows that. The spec still names the version, so the next change may bring it back. */
const rejectedSpec = (
  { deployment, revision }: RolloutFact,
  common: Pick<Finding, 'about' | 'objects' | 'link'>,
): Alert =>
  alertFor({
    ...common,
    code: 'rollout_stopped',
    severity: 'info',
    count: 1,
    message: `the spec of ${deployment} names the version of revision ${revision}, which was rolled back`,
    action:
      revision === 1
        ? `Deploy a better version, or remove the deployment with \`skerry deployment rm ${deployment}\``
        : `Deploy a better version, or run \`skerry deployment rollback ${deployment}\`: it gives the spec the earlier version`,
  })

/** No device failed, so the action is about the gate. */
const gateAction = (deployment: string, { wave, analysis }: NonNullable<RolloutFact['gate']>, back: string) =>
  `See the gate ${analysis} of wave ${wave} with \`skerry rollout show ${deployment}\`. Measure it again with \`skerry rollout retry ${deployment} --reason REASON\`, then continue with \`skerry rollout resume ${deployment} --reason REASON\`. Resume without a retry accepts its result. Or ${back}`
