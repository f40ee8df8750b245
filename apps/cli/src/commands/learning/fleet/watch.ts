import { isLearningOver } from '@skerry/contract/learning/learning'
import { command } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { watchLines } from '../../../program/terminal/watching.ts'
import { phasesText } from './fleet-view.ts'
import { ORDER } from './order-argument.ts'

export const watchLearningFleet = command({
  name: 'learn fleet watch',
  summary: 'Watch an order until the learning of each machine ends',
  details: 'Prints a line for each change. The exit code is 0 if each is done, and 1 if one was refused or cancelled.',
  examples: ['skerry learn fleet watch pump'],
  arguments: { name: ORDER },
  options: {},
  output: 'stream',
  async run({ name }, session) {
    const { client } = await session.hub()
    const { signal } = session
    await watchLines(session, async () => {
      const fleet = await client.learning.getFleet({ name }, { signal })
      const members = fleet.members ?? []
      const failed = members.filter(({ phase }) => phase !== 'done').map(({ device }) => device)
      const end = () => {
        if (failed.length === 0) return
        throw fail('learning_unfinished', `no detector for ${failed.join(', ')}; see "skerry learn fleet show ${name}"`)
      }
      const isOver = members.every(({ phase }) => isLearningOver(phase))
      return { json: fleet, line: `${name}: ${phasesText(fleet)}`, end: isOver ? end : undefined }
    })
  },
})
