import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../../program/command.ts'
import { ddiText } from './ddi-view.ts'

export const showDdiDevice = command({
  name: 'device ddi show',
  summary: 'Show a device without an agent: its image, its order, its attributes and its own words',
  examples: ['skerry device ddi show gateway-7'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: {},
  async run({ device }, session) {
    const { client } = await session.hub()
    const reply = await client.ddi.get({ device }, { signal: session.signal })
    session.print({ json: reply, text: () => ddiText(reply, session.style) })
  },
})
