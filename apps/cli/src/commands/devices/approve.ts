/** `skerry device approve` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { KeyFingerprint } from '@skerry/contract/joining/join'
import { command, fits, required, value } from '../../program/command.ts'

export const approveDevice = command({
  name: 'device approve',
  summary: 'Approve a pending device',
  details:
    'The device chooses its own name. With --key, the device is approved only if it has the key that "skerry agent --show-key" prints on it.',
  examples: ['skerry device approve gateway-1'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { keyFingerprint: value('--key <fingerprint>', 'required fingerprint of its key', fits(KeyFingerprint)) },
  async run({ device, keyFingerprint }, session) {
    const { client } = await session.hub()
    const approved = await client.device.approve(
      { device, ...(keyFingerprint !== undefined && { keyFingerprint }) },
      { signal: session.signal },
    )
    session.print({ json: approved, text: () => `${approved.name} is ${approved.status} now` })
  },
})
