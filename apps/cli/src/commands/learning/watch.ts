import { isLearningOver } from '@skerry/contract/learning/learning'
import { command } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { watchLines } from '../../program/terminal/watching.ts'
import { LEARNING } from './learning-argument.ts'
import { stateText } from './learning-view.ts'

export const watchLearning = command({
  name: 'learn watch',
  summary: 'Watch a learning until it ends',
  details: 'Prints a line for each change. The exit code is 0 if it is done, and 1 if it was refused or cancelled.',
  examples: ['skerry learn watch pump-normal'],
  arguments: { name: LEARNING },
  options: {},
  output: 'stream',
  async run({ name }, session) {
    const { client } = await session.hub()
    const { signal } = session
    await watchLines(session, async () => {
      const learning = await client.learning.get({ name }, { signal })
      const why = learning.reason === undefined ? '' : `: ${learning.reason}`
      const line = `${name}: ${stateText(learning)}${why}`
      const end = () => {
        if (learning.phase !== 'done') throw fail('learning_unfinished', `the learning ${line}`)
      }
      return { json: learning, line, end: isLearningOver(learning.phase) ? end : undefined }
    })
  },
})
