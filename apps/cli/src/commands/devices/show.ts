/** `skerry device show` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../program/command.ts'
import { deviceText } from './views/device-view.ts'

export const showDevice = command({
  name: 'device show',
  summary: 'Show a device with everything it reports',
  examples: ['skerry device show gateway-1'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: {},
  async run({ device }, session) {
    const { client } = await session.hub()
    const detail = await client.device.get({ device }, { signal: session.signal })
    session.print({ json: detail, text: () => deviceText(detail, session) })
  },
})
