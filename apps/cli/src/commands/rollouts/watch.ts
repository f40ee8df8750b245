/** `skerry rollout watch` */
import { command, flag } from '../../program/command.ts'
import { findRollout, ROLLOUT } from './rollout-reference.ts'
import { watchRollout } from './rollout-watch.ts'

export const watchRolloutCommand = command({
  name: 'rollout watch',
  summary: 'Watch a rollout until it ends, or pauses',
  details: 'Exit code 0 when it is done; 1 when it paused, was aborted, rolled back or superseded.',
  examples: ['skerry rollout watch anomaly'],
  arguments: { rollout: ROLLOUT },
  options: { throughPauses: flag('--through-pauses', 'go on watching while it is paused') },
  output: 'stream',
  async run({ rollout: reference, throughPauses }, session) {
    const { client } = await session.hub()
    const rollout = await findRollout(client, reference, session.signal)
    await watchRollout({ client, rollout, throughPauses }, session)
  },
})
