/** `skerry device approve` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { KeyFingerprint } from '@skerry/contract/joining/join'
import { command, fits, required, value } from '../../program/command.ts'

export const approveDevice = command({
  name: 'device approve',
  summary: 'Let a pending device in',
  details:
    'The name is what the device calls itself. With --key it is let in only if its key is the one that "skerry agent --show-key" prints on the device.',
  examples: ['skerry device approve gateway-1'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { keyFingerprint: value('--key <fingerprint>', 'fingerprint that its key must have', fits(KeyFingerprint)) },
  async run({ device, keyFingerprint }, session) {
    const { client } = await session.hub()
    const approved = await client.device.approve(
      { device, ...(keyFingerprint !== undefined && { keyFingerprint }) },
      { signal: session.signal },
    )
    session.print({ json: approved, text: () => `${approved.name} is ${approved.status} now` })
  },
})
