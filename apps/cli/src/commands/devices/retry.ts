import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'

export const retryDevice = command({
  name: 'device retry',
  summary: 'Let a device try a failed version again',
  examples: ['skerry device retry gateway-1 anomaly'],
  arguments: {
    device: required('<device>', 'name or id of the device', fits(DeviceReference)),
    deployment: required('<deployment>', 'deployment whose version failed there', fits(Name)),
  },
  options: {},
  async run({ device, deployment }, session) {
    const { client } = await session.hub()
    const reply = await client.device.retry({ device, deployment }, { signal: session.signal })
    session.print({
      json: reply,
      text: () =>
        reply.nothingFailed
          ? `nothing of ${deployment} has failed on ${device}, so there is nothing to try again`
          : `${device} will try ${deployment} again`,
    })
  },
})
