import { isLearningOver } from '@skerry/contract/learning/learning'
import { systemClock } from '@skerry/platform/process/clock'
import { command } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { LEARNING } from './learning-argument.ts'
import { stateText } from './learning-view.ts'

/** A device reports its progress every two seconds. */
const LOOK_MS = 1_000

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
    for (let last = ''; ; await systemClock.sleep(LOOK_MS, signal)) {
      const learning = await client.learning.get({ name }, { signal })
      const why = learning.reason === undefined ? '' : `: ${learning.reason}`
      const line = `${name}: ${stateText(learning)}${why}`
      if (line !== last) session.printEvent({ json: learning, text: () => line })
      last = line
      if (learning.phase === 'done') return
      if (isLearningOver(learning.phase)) throw fail('learning_unfinished', `the learning ${line}`)
    }
  },
})
