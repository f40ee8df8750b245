/** `skerry approval show` */

import { command } from '../../program/command.ts'
import { APPROVAL, approvalText } from './approval-words.ts'

export const showApproval = command({
  name: 'approval show',
  summary: 'Show a request for approval with all its content',
  examples: ['skerry approval show apr_abcdefgh234567'],
  arguments: { approval: APPROVAL },
  options: {},
  async run({ approval }, session) {
    const { client } = await session.hub()
    const found = await client.approval.show({ approval }, { signal: session.signal })
    session.print({ json: found, text: () => approvalText(session.style, found) })
  },
})
