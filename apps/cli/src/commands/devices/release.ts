/** `skerry device release` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'

export const releaseDevice = command({
  name: 'device release',
  summary: 'End the quarantine of a device',
  details:
    'The device gets all pending changes. If it follows a generation that this hub never issued, it stays on hold: see "skerry device resume".',
  examples: ['skerry device release gateway-1 --reason "looked at it, the program is ours"'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { reason: REASON },
  async run({ device, reason }, session) {
    const { client } = await session.hub()
    const changed = await client.device.release({ device, reason }, { signal: session.signal })
    session.print({ json: changed, text: () => `${changed.name} is ${changed.status} now` })
  },
})
