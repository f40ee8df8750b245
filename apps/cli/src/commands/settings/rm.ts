import { settingsTag } from '@skerry/contract/values/entity-tag'
import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { PLACE } from './place-argument.ts'
import { settingsPlanText } from './settings-view.ts'

export const removeSettings = command({
  name: 'settings rm',
  summary: 'Remove the device settings of one place; its devices use those of less specific places',
  examples: ['skerry settings rm device:press-4 --yes'],
  arguments: { place: PLACE },
  options: { yes: YES },
  async run({ place, yes }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const known = await client.settings.get({ settings: place }, { signal })
    session.note(settingsPlanText(place, await client.settings.plan({ settings: place, spec: {} }, { signal })))
    await session.confirm(`remove the settings of ${place}`, yes)
    const context = { ifMatch: settingsTag(known) }
    const { change } = await client.settings.set({ settings: place, spec: {} }, { signal, context })
    session.print({ json: { place, change }, text: () => `removed the settings of ${place}` })
  },
})
