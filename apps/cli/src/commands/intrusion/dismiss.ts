/** `skerry intrusion dismiss` */
import { IntrusionId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'

export const dismissIntrusion = command({
  name: 'intrusion dismiss',
  summary: 'Close a finding that was looked into',
  details:
    'Counting begins anew for whoever it was about. What the hub did by itself stays: "skerry intrusion undo" takes it back.',
  examples: ['skerry intrusion dismiss int_abcdefgh234567 --reason "the night shift moved the line"'],
  arguments: { intrusion: required('<finding>', 'its id', fits(IntrusionId)) },
  options: { reason: REASON },
  async run({ intrusion, reason }, session) {
    const { client } = await session.hub()
    const found = await client.intrusion.dismiss({ intrusion, reason }, { signal: session.signal })
    session.print({ json: found, text: () => `${found.id} (${found.rule}) is ${found.status}` })
  },
})
