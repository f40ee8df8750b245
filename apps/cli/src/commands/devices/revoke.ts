/** `skerry device revoke` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'

export const revokeDevice = command({
  name: 'device revoke',
  summary: 'Revoke a device: the hub rejects it from now on; it continues to serve',
  examples: ['skerry device revoke gateway-1 --reason "stolen" --yes'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { reason: REASON, yes: YES },
  async run({ device, reason, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`revoke the certificate of the device ${device}`, yes)
    const revoked = await client.device.revoke({ device, reason }, { signal: session.signal })
    session.print({
      json: revoked,
      text: () => `${revoked.name} is ${revoked.status} now; it continues to serve`,
    })
  },
})
