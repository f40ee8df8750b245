/**
 * Gate question: the request to a webhook that gates a wave. docs/deploying.md describes it for the authors of such
 * programs.
 */
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import type { DueAnalysis } from '@skerry/core/rollouts/rollout-analysis'

/** The body, and a key by which the receiver recognises a repeated request: a hub repeats it after a restart. */
export function gateQuestion(rollout: Rollout, { wave: index, name, dueAtMs }: DueAnalysis) {
  const { id, deployment, revision, deployable, version, status, waves } = rollout
  const wave = waves[index]
  return {
    key: `${id}/${index}/${name}/${dueAtMs}`,
    body: {
      kind: 'rollout.analysis',
      analysis: name,
      dueAtMs,
      rollout: { id, deployment, revision, deployable, version, status },
      wave: { index, name: wave?.name, counts: wave?.counts },
    },
  }
}
