/** `skerry selector values` */
import { command } from '../../program/command.ts'
import { valuesText } from './selector-view.ts'

export const listSelectorValues = command({
  name: 'selector values',
  summary: 'List the fields of sites and devices for selectors, with their values in the fleet',
  examples: ['skerry selector values'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const reply = await client.selector.values({}, { signal: session.signal })
    session.print({ json: reply, text: () => valuesText(reply.fields, session.style) })
  },
})
