import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { cataloguesTable } from './market-view.ts'

export const createCatalogue = command({
  name: 'market catalogue create',
  summary: 'Begin a catalogue of your organisation, which the hub signs',
  details:
    'Publishers send listings with "skerry market submit", and reviewers accept them into it. The hub signs its index with the active signing ' +
    'key of the organisation, and again before it expires.',
  examples: ['skerry market catalogue create plant'],
  arguments: { name: required('<catalogue>', 'name of the new catalogue', fits(Name)) },
  options: {},
  async run({ name }, session) {
    const { client } = await session.hub()
    const catalogue = await client.catalogue.create({ name }, { signal: session.signal })
    session.print({ json: catalogue, text: () => cataloguesTable([catalogue], session.style, session.io.nowMs()) })
  },
})
