import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { cataloguesTable } from './market-view.ts'

const NAME = required('<catalogue>', 'name of the catalogue', fits(Name))

export const refreshCatalogue = command({
  name: 'market catalogue refresh',
  summary: 'Read the index of a catalogue now; the hub does so each minute',
  examples: ['skerry market catalogue refresh plant'],
  arguments: { name: NAME },
  options: {},
  async run({ name }, session) {
    const { client } = await session.hub()
    const catalogue = await client.catalogue.refresh({ name }, { signal: session.signal })
    const why = catalogue.problem ? [catalogue.problem.message] : []
    session.print({
      json: catalogue,
      text: () => [cataloguesTable([catalogue], session.style, session.io.nowMs()), ...why].join('\n\n'),
    })
  },
})

export const removeCatalogue = command({
  name: 'market catalogue rm',
  summary: 'End the subscription to a catalogue; installations stay',
  examples: ['skerry market catalogue rm plant --yes'],
  arguments: { name: NAME },
  options: { yes: YES },
  async run({ name, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`end the subscription to ${name}: its installations would get no upgrades`, yes)
    await client.catalogue.remove({ name }, { signal: session.signal })
    session.print({ json: { removed: name }, text: () => `ended the subscription to ${name}` })
  },
})
