/** `skerry approval deny` */

import { command } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { APPROVAL, approvalText } from './approval-words.ts'

export const denyApproval = command({
  name: 'approval deny',
  summary: 'Deny a request, or withdraw your own',
  examples: ['skerry approval deny apr_abcdefgh234567 --reason "not before the audit"'],
  arguments: { approval: APPROVAL },
  options: { reason: REASON },
  async run({ approval, reason }, session) {
    const { client } = await session.hub()
    const answered = await client.approval.deny({ approval, reason }, { signal: session.signal })
    session.print({ json: answered, text: () => approvalText(session.style, answered) })
  },
})
