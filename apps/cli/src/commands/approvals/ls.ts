import { allRows } from '@skerry/client/page'
import { ApprovalStatus } from '@skerry/contract/approvals/approval'
import { command, fits, value } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText, instantText } from '../../program/terminal/words.ts'

export const listApprovals = command({
  name: 'approval ls',
  summary: 'List requests for approval, pending and answered',
  examples: ['skerry approval ls', 'skerry approval ls --status pending'],
  arguments: {},
  options: { status: value('--status <status>', ApprovalStatus.options.join(', '), fits(ApprovalStatus)) },
  async run({ status }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const rows = await allRows((page) => client.approval.list({ ...page, ...(status && { status }) }, { signal }))
    const nowMs = session.io.nowMs()
    session.print({
      json: rows,
      text: () =>
        tableOf(
          style,
          ['ID', 'STATUS', 'WHAT', 'ON', 'REQUESTED BY', 'REQUESTED', 'ANSWERED BY', 'EXPIRES'],
          rows.map(({ id, status: state, action, object, asked, answered, expiresAtMs }) => [
            id,
            state,
            action,
            object,
            asked.name,
            agoText(asked.atMs, nowMs),
            answered?.name ?? '',
            instantText(expiresAtMs),
          ]),
          'no requests for approval',
        ),
    })
  },
})
