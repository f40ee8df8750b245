import { command } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'
import { LEARNING } from './learning-argument.ts'

export const cancelLearning = command({
  name: 'learn cancel',
  summary: 'Cancel a learning: the device deletes its rows, and nothing more is published or deployed',
  examples: ['skerry learn cancel pump-normal --reason "the pump was cleaned meanwhile" --yes'],
  arguments: { name: LEARNING },
  options: { reason: REASON, yes: YES },
  async run({ name, reason, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`cancel the learning ${name}, whose rows the device deletes`, yes)
    const learning = await client.learning.cancel({ name, reason }, { signal: session.signal })
    session.print({ json: learning, text: () => `${name} is cancelled` })
  },
})
