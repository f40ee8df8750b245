/** `skerry org show` */
import { command } from '../../program/command.ts'
import { ORGANISATION, organisationText } from './organisation-words.ts'

export const showOrganisation = command({
  name: 'org show',
  summary: 'Show an organisation of the hub',
  examples: ['skerry org show plant-north'],
  arguments: { organisation: ORGANISATION },
  options: {},
  async run({ organisation }, session) {
    const { client } = await session.hub()
    const found = await client.organisation.get({ organisation }, { signal: session.signal })
    session.print({ json: found, text: () => organisationText(session.style, found) })
  },
})
