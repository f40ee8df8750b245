import { isLearningOver } from '@skerry/contract/learning/learning'
import { systemClock } from '@skerry/platform/process/clock'
import { command } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { phasesText } from './fleet-view.ts'
import { ORDER } from './order-argument.ts'

/** A device reports its progress every two seconds. */
const LOOK_MS = 1_000

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
    for (let last = ''; ; await systemClock.sleep(LOOK_MS, signal)) {
      const fleet = await client.learning.getFleet({ name }, { signal })
      const line = `${name}: ${phasesText(fleet)}`
      if (line !== last) session.printEvent({ json: fleet, text: () => line })
      last = line
      const members = fleet.members ?? []
      if (!members.every(({ phase }) => isLearningOver(phase))) continue
      const failed = members.filter(({ phase }) => phase !== 'done').map(({ device }) => device)
      if (failed.length === 0) return
      throw fail('learning_unfinished', `no detector for ${failed.join(', ')}; see "skerry learn fleet show ${name}"`)
    }
  },
})
