import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { Name } from '@skerry/contract/values/names'
import { command, fits, needed, required } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'

export const restartSource = command({
  name: 'source restart',
  summary: 'Restart a source on a device, also one that is in quarantine because it crashed too often',
  details:
    'Its tags are bad until it is connected again, and flows see that. The audit log has your name and the reason.',
  examples: ['skerry source restart press-7 --device gateway-1 --reason "the gateway was replaced" --yes'],
  arguments: { source: required('<name>', 'name of the source', fits(Name)) },
  options: {
    device: needed('--device <device>', 'name or id of the device that runs it', fits(DeviceReference)),
    reason: REASON,
    yes: YES,
  },
  async run({ source, device, reason, yes }, session) {
    await session.confirm(`restart the source ${source} on ${device}`, yes)
    const { client } = await session.hub()
    const begun = await client.source.restart({ device, source, reason }, { signal: session.signal })
    session.print({ json: begun, text: () => `${source} on ${device} restarts; it was ${begun.before}` })
  },
})
