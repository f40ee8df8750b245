import { command } from '../../program/command.ts'
import { LEARNING } from './learning-argument.ts'
import { learningText } from './learning-view.ts'

export const showLearning = command({
  name: 'learn show',
  summary: 'Show a learning: its candidates, its threshold, and what stands in its way',
  examples: ['skerry learn show pump-normal', 'skerry learn show pump-normal --json'],
  arguments: { name: LEARNING },
  options: {},
  async run({ name }, session) {
    const { client } = await session.hub()
    const learning = await client.learning.get({ name }, { signal: session.signal })
    session.print({ json: learning, text: () => learningText(learning, session.style) })
  },
})
