/** Gate question: what a webhook that gates a wave is told. docs/deploying.md describes it: others write programs that answer. */
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import type { DueAnalysis } from '@skerry/core/rollouts/rollout-analysis'

/** The body, and the key by which the asked can tell that it has been asked this before: after a restart a hub asks again. */
export function gateQuestion(rollout: Rollout, { wave: index, name, dueAtMs }: DueAnalysis) {
  const { id, deployment, revision, model, version, status, waves } = rollout
  const wave = waves[index]
  return {
    key: `${id}/${index}/${name}/${dueAtMs}`,
    body: {
      kind: 'rollout.analysis',
      analysis: name,
      dueAtMs,
      rollout: { id, deployment, revision, model, version, status },
      wave: { index, name: wave?.name, counts: wave?.counts },
    },
  }
}
