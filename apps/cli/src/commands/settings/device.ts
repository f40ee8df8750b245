import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../program/command.ts'
import { deviceSettingsText } from './settings-view.ts'

export const deviceSettings = command({
  name: 'settings device',
  summary: 'Show the settings that count on a device, the place of each, its facts and its network checks',
  examples: ['skerry settings device press-4'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: {},
  async run({ device }, session) {
    const { client } = await session.hub()
    const found = await client.settings.ofDevice({ device }, { signal: session.signal })
    session.print({ json: found, text: () => deviceSettingsText(found, session.style) })
  },
})
