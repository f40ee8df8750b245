/** `skerry device preauthorised rm` */
import { ExpectedDeviceId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../../program/command.ts'

export const removePreauthorisedDevice = command({
  name: 'device preauthorised rm',
  summary: 'Remove an expected device from the list; a device that has joined stays',
  examples: ['skerry device preauthorised rm exp_abcdefgh234567'],
  arguments: { expected: required('<id>', 'id of the expected device', fits(ExpectedDeviceId)) },
  options: {},
  async run({ expected }, session) {
    const { client } = await session.hub()
    await client.expected.remove({ expected }, { signal: session.signal })
    session.print({ json: {}, text: () => `${expected} is no longer expected` })
  },
})
