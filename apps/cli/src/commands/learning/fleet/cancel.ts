import { command } from '../../../program/command.ts'
import { REASON, YES } from '../../../program/options.ts'
import { phasesText } from './fleet-view.ts'
import { ORDER } from './order-argument.ts'

export const cancelLearningFleet = command({
  name: 'learn fleet cancel',
  summary: 'Cancel the learnings of an order that are under way; published detectors stay',
  examples: ['skerry learn fleet cancel pump --reason "the line is rebuilt" --yes'],
  arguments: { name: ORDER },
  options: { reason: REASON, yes: YES },
  async run({ name, reason, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`cancel the learnings of ${name} that are under way, whose rows the devices delete`, yes)
    const fleet = await client.learning.cancelFleet({ name, reason }, { signal: session.signal })
    session.print({ json: fleet, text: () => `${name}: ${phasesText(fleet)}` })
  },
})
