/** `skerry intrusion show` */
import { IntrusionId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { instantText } from '../../program/terminal/words.ts'

export const showIntrusion = command({
  name: 'intrusion show',
  summary: 'Show a finding with its audit records',
  examples: ['skerry intrusion show int_abcdefgh234567'],
  arguments: { intrusion: required('<finding>', 'its id', fits(IntrusionId)) },
  options: {},
  async run({ intrusion }, session) {
    const { client } = await session.hub()
    const found = await client.intrusion.show({ intrusion }, { signal: session.signal })
    const { rule, subject, status, score, threshold, count, firstMs, lastMs, evidence, response, closed } = found
    session.print({
      json: found,
      text: () =>
        [
          `${found.id}: ${rule}, ${status}`,
          `who        ${subject.kind} ${subject.name || subject.id} (${subject.id})`,
          `score      ${score} of ${threshold}, ${count} signs from ${instantText(firstMs)} to ${instantText(lastMs)}`,
          `evidence   audit records ${evidence.join(', ')}`,
          `response   ${response.action ?? ''} ${response.state}`.replace('  ', ' '),
          ...(closed ? [`dismissed  by ${closed.by} at ${instantText(closed.atMs)}: ${closed.reason}`] : []),
          `see        skerry audit ls --actor ${subject.id}`,
        ].join('\n'),
    })
  },
})
