import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../../program/command.ts'
import { YES } from '../../../program/options.ts'
import { setupText } from './ddi-view.ts'

export const replaceDdiToken = command({
  name: 'device ddi token',
  summary: 'Replace the target token of a device without an agent; the old one ends at once',
  examples: ['skerry device ddi token gateway-7 --yes'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { yes: YES },
  async run({ device, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`replace the target token of ${device}; its updater needs the new one`, yes)
    const reply = await client.ddi.token({ device }, { signal: session.signal })
    session.note(setupText(reply.device, session.style))
    session.print({ json: reply, text: () => reply.token })
  },
})
