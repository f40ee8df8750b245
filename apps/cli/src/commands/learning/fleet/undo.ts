import { command } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { REASON, YES } from '../../../program/options.ts'
import { undoneText } from './fleet-view.ts'
import { ORDER } from './order-argument.ts'

export const undoLearningFleet = command({
  name: 'learn fleet undo',
  summary: 'Cancel an order, and take its detectors and alarms off their devices',
  details:
    'A device that ran an earlier version of the same detector returns to it. The versions stay. The command needs the ' +
    'permission deployment.write, too. The exit code is 1 if a device failed, and you can run it again.',
  examples: ['skerry learn fleet undo pump --reason "the sensors were exchanged" --yes'],
  arguments: { name: ORDER },
  options: { reason: REASON, yes: YES },
  async run({ name, reason, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`cancel ${name}, and take its detectors and alarms off their devices`, yes)
    const result = await client.learning.undoFleet({ name, reason }, { signal: session.signal })
    session.print({ json: result, text: () => undoneText(name, result, session.style) })
    if (result.failed.length > 0)
      throw fail('learning_unfinished', `${result.failed.length} devices failed; run the command again`)
  },
})
