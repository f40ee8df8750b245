/** `skerry org enable` */
import { command } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { ORGANISATION } from './organisation-words.ts'

export const enableOrganisation = command({
  name: 'org enable',
  summary: 'Enable an organisation that was disabled',
  details: 'Keys are valid again, devices come back within two minutes, and people must sign in again.',
  examples: ['skerry org enable plant-north --reason "paid"'],
  arguments: { organisation: ORGANISATION },
  options: { reason: REASON },
  async run({ organisation, reason }, session) {
    const { client } = await session.hub()
    const found = await client.organisation.enable({ organisation, reason }, { signal: session.signal })
    session.print({ json: found, text: () => `${found.name} is ${found.status} now` })
  },
})
