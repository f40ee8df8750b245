import { command } from '../../../program/command.ts'
import { learningFleetText } from './fleet-view.ts'
import { ORDER } from './order-argument.ts'

export const showLearningFleet = command({
  name: 'learn fleet show',
  summary: 'Show the state of each machine of an order, with the reasons of failures',
  examples: ['skerry learn fleet show pump', 'skerry learn fleet show pump --json'],
  arguments: { name: ORDER },
  options: {},
  async run({ name }, session) {
    const { client } = await session.hub()
    const fleet = await client.learning.getFleet({ name }, { signal: session.signal })
    session.print({ json: fleet, text: () => learningFleetText(fleet, session.style) })
  },
})
