import { command } from '../../program/command.ts'
import { PLACE } from './place-argument.ts'
import { layerText } from './settings-view.ts'

export const showSettings = command({
  name: 'settings show',
  summary: 'Show the device settings of one place',
  examples: ['skerry settings show site:hamburg', 'skerry settings show organisation --json'],
  arguments: { place: PLACE },
  options: {},
  async run({ place }, session) {
    const { client } = await session.hub()
    const layer = await client.settings.get({ settings: place }, { signal: session.signal })
    const { drift } = await client.settings.plan({ settings: place, spec: layer.settings }, { signal: session.signal })
    session.print({ json: { ...layer, drift }, text: () => layerText(layer, drift, session.style) })
  },
})
