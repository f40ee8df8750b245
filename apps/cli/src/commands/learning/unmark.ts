import { LearningMarkId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { LEARNING } from './learning-argument.ts'

export const unmarkLearning = command({
  name: 'learn unmark',
  summary: 'Remove a mark: it does not count in the next learning, and the device deletes its rows',
  examples: ['skerry learn unmark pump-normal lmk_5gkfrfh3cwd6m7'],
  arguments: {
    name: LEARNING,
    mark: required('<mark>', 'the id of a mark, as in "skerry learn show"', fits(LearningMarkId)),
  },
  options: {},
  async run({ name, mark }, session) {
    const { client } = await session.hub()
    const learning = await client.learning.unmark({ name, mark }, { signal: session.signal })
    session.print({ json: learning, text: () => `${mark} is removed from ${name}` })
  },
})
