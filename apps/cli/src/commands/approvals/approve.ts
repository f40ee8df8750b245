/** `skerry approval approve` */

import { command } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { APPROVAL, approvalText } from './approval-words.ts'

export const approveApproval = command({
  name: 'approval approve',
  summary: 'Approve the request of another person, who then repeats the action',
  examples: ['skerry approval approve apr_abcdefgh234567 --reason "agreed in the change board"'],
  arguments: { approval: APPROVAL },
  options: { reason: REASON },
  async run({ approval, reason }, session) {
    const { client } = await session.hub()
    const answered = await client.approval.approve({ approval, reason }, { signal: session.signal })
    session.print({ json: answered, text: () => approvalText(session.style, answered) })
  },
})
