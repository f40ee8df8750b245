/** `skerry device approve` */
import { DeviceReference } from '@skerry/contract/api/device-procedures'
import { command, fits, required } from '../command.ts'

export const approveDevice = command({
  name: 'device approve',
  summary: 'Let a pending device in',
  examples: ['skerry device approve gateway-1'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: {},
  async run({ device }, session) {
    const { client } = await session.hub()
    const approved = await client.device.approve({ device }, { signal: session.signal })
    session.print({ json: approved, text: () => `${approved.name} is ${approved.status} now` })
  },
})
