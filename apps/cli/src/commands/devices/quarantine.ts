/** `skerry device quarantine` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'

export const quarantineDevice = command({
  name: 'device quarantine',
  summary: 'Put a device into quarantine: it gets no changes, and continues to serve',
  details:
    'Its reports are shown as before. Rollouts do not wait for it, batches do not reach it, and it gets no bytes from the hub.',
  examples: ['skerry device quarantine gateway-1 --reason "runs a program that nobody knows"'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { reason: REASON },
  async run({ device, reason }, session) {
    const { client } = await session.hub()
    const changed = await client.device.quarantine({ device, reason }, { signal: session.signal })
    session.print({ json: changed, text: () => `${changed.name} is ${changed.status} now` })
  },
})
