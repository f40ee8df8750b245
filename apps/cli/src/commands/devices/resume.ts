/** `skerry device resume` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'

export const resumeDevice = command({
  name: 'device resume',
  summary: 'Let this hub control a conflict-paused device again',
  details:
    'A device is conflict-paused if it follows a generation that this hub never issued, for example after the hub was restored from a backup.',
  examples: ['skerry device resume gateway-1 --reason "restored the backup of Monday, checked"'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { reason: REASON },
  async run({ device, reason }, session) {
    const { client } = await session.hub()
    const resumed = await client.device.resume({ device, reason }, { signal: session.signal })
    session.print({ json: resumed, text: () => `${resumed.name} is ${resumed.status} now` })
  },
})
