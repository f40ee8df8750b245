/** `skerry intrusion undo` */
import { IntrusionId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'

export const undoIntrusion = command({
  name: 'intrusion undo',
  summary: 'Undo the response of the hub to a finding',
  details:
    'A locked key is valid again, or a device leaves quarantine. If somebody has since revoked the key or changed the device, it stays as it is.',
  examples: ['skerry intrusion undo int_abcdefgh234567 --reason "it was our own test"'],
  arguments: { intrusion: required('<finding>', 'its id', fits(IntrusionId)) },
  options: { reason: REASON },
  async run({ intrusion, reason }, session) {
    const { client } = await session.hub()
    const found = await client.intrusion.undo({ intrusion, reason }, { signal: session.signal })
    session.print({
      json: found,
      text: () =>
        `the response to ${found.id} (${found.rule}) was ${found.response.action}, which is ${found.response.state} now`,
    })
  },
})
