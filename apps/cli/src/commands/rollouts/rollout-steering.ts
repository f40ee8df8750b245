/**
 * Rollout steering: the common part of pause, resume, abort and rollback: a rollout, a reason, and a confirmation
 * before a step that cannot be undone.
 */
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { type Command, command } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'
import { findRollout, ROLLOUT } from './rollout-reference.ts'
import { rolloutLine } from './rollout-view.ts'

type Statement = {
  verb: 'pause' | 'resume' | 'approve' | 'retry' | 'abort' | 'rollback'
  summary: string
  exampleReason: string
  /** Names the damage, for the confirmation. Absent if there is none. */
  destroys?: string
}

/** The command for one verb. */
export function steeringCommand({ verb, summary, exampleReason, destroys }: Statement): Command {
  const isDestructive = destroys !== undefined
  return command({
    name: `rollout ${verb}`,
    summary,
    examples: [`skerry rollout ${verb} anomaly --reason "${exampleReason}"${isDestructive ? ' --yes' : ''}`],
    arguments: { rollout: ROLLOUT },
    options: { reason: REASON, ...(isDestructive && { yes: YES }) },
    async run({ rollout: reference, reason, yes = false }, session) {
      const { client } = await session.hub()
      const { signal } = session
      const rollout = await findRollout(client, reference, signal)
      if (isDestructive) {
        const { deployment, revision, status } = await client.rollout.get({ rollout }, { signal })
        // The hub rejects this for a rollout that has ended, and names the right command. There is nothing to confirm.
        if (!isEnded({ status })) await session.confirm(`${destroys} (${deployment}, revision ${revision})`, yes)
      }
      const steered = await client.rollout[verb]({ rollout, reason }, { signal })
      session.print({ json: steered, text: () => rolloutLine(steered) })
    },
  })
}
