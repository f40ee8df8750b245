/** `skerry rollout watch` */
import { command, flag } from '../../program/command.ts'
import { findRollout, ROLLOUT } from './rollout-reference.ts'
import { watchRollout } from './rollout-watch.ts'

export const watchRolloutCommand = command({
  name: 'rollout watch',
  summary: 'Watch a rollout until it ends or pauses',
  details: 'The exit code is 0 if it is done, and 1 if it was paused, aborted, rolled back or superseded.',
  examples: ['skerry rollout watch anomaly'],
  arguments: { rollout: ROLLOUT },
  options: { throughPauses: flag('--through-pauses', 'continue to watch while it is paused') },
  output: 'stream',
  async run({ rollout: reference, throughPauses }, session) {
    const { client } = await session.hub()
    const rollout = await findRollout(client, reference, session.signal)
    await watchRollout({ client, rollout, throughPauses }, session)
  },
})
