/** `skerry intrusion dismiss` */
import { IntrusionId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'

export const dismissIntrusion = command({
  name: 'intrusion dismiss',
  summary: 'Dismiss a finding after you have looked into it',
  details:
    'The count for its subject starts again. An action that the hub took stays: "skerry intrusion undo" undoes it.',
  examples: ['skerry intrusion dismiss int_abcdefgh234567 --reason "the night shift moved the line"'],
  arguments: { intrusion: required('<finding>', 'its id', fits(IntrusionId)) },
  options: { reason: REASON },
  async run({ intrusion, reason }, session) {
    const { client } = await session.hub()
    const found = await client.intrusion.dismiss({ intrusion, reason }, { signal: session.signal })
    session.print({ json: found, text: () => `${found.id} (${found.rule}) is ${found.status}` })
  },
})
