/** `skerry device deny` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'

export const denyDevice = command({
  name: 'device deny',
  summary: 'Deny a pending device. The hub then rejects it until you remove it',
  examples: ['skerry device deny gateway-1 --reason "nobody knows it"'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { reason: REASON },
  async run({ device, reason }, session) {
    const { client } = await session.hub()
    const denied = await client.device.deny({ device, reason }, { signal: session.signal })
    session.print({ json: denied, text: () => `${denied.name} is refused` })
  },
})
