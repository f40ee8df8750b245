/** `skerry org use` */
import { command } from '../../program/command.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { useFacts } from './organisation-words.ts'

export const showUse = command({
  name: 'org use',
  summary: 'Show the use and the quotas of your own organisation',
  examples: ['skerry org use'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const own = await client.organisation.use({}, { signal: session.signal })
    session.print({ json: own, text: () => factsOf(session.style, [['organisation', own.name], ...useFacts(own)]) })
  },
})
