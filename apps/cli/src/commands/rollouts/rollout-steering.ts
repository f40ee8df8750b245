/** Rollout steering: what pause, resume, abort and rollback have in common: a rollout, a reason, and a question before what cannot be undone. */
import { type Command, command } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'
import { findRollout, ROLLOUT } from './rollout-reference.ts'
import { rolloutLine } from './rollout-view.ts'

type Statement = {
  verb: 'pause' | 'resume' | 'approve' | 'retry' | 'abort' | 'rollback'
  summary: string
  exampleReason: string
  /** What it destroys, for the question before; absent where nothing is. */
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
        const { deployment, revision } = await client.rollout.get({ rollout }, { signal })
        await session.confirm(`${destroys} (${deployment}, revision ${revision})`, yes)
      }
      const steered = await client.rollout[verb]({ rollout, reason }, { signal })
      session.print({ json: steered, text: () => rolloutLine(steered) })
    },
  })
}
