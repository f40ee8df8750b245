/** `skerry device rm` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removeDevice = command({
  name: 'device rm',
  summary: 'Forget a device',
  examples: ['skerry device rm gateway-1 --yes'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { yes: YES },
  async run({ device, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the device ${device}`, yes)
    await client.device.remove({ device }, { signal: session.signal })
    session.print({ json: { removed: device }, text: () => `removed the device ${device}` })
  },
})
