/** `skerry source restart` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { Name } from '@skerry/contract/values/names'
import { command, fits, needed, required } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'

export const restartSource = command({
  name: 'source restart',
  summary: 'Begin a source on a device anew, also one that is in quarantine since it crashed too often',
  details:
    'Its tags are bad until it is connected again, and flows see that. Who did it and why is in the audit trail.',
  examples: ['skerry source restart press-7 --device gateway-1 --reason "the gateway was replaced" --yes'],
  arguments: { source: required('<name>', 'name of the source', fits(Name)) },
  options: {
    device: needed('--device <device>', 'name or id of the device that runs it', fits(DeviceReference)),
    reason: REASON,
    yes: YES,
  },
  async run({ source, device, reason, yes }, session) {
    await session.confirm(`begin the source ${source} on ${device} anew`, yes)
    const { client } = await session.hub()
    const begun = await client.source.restart({ device, source, reason }, { signal: session.signal })
    session.print({ json: begun, text: () => `${source} on ${device} begins anew; it was ${begun.before}` })
  },
})
