import { auditLines } from '@skerry/client/audit-lines'
import type { AuditLine } from '@skerry/contract/audit/audit-checkpoint'
import { command, usually } from '../../program/command.ts'
import { parseLimit } from '../../program/values.ts'

export const exportAudit = command({
  name: 'audit export',
  summary: 'Write the audit log as JSON lines, oldest first, with the signed checkpoints of the hub',
  details:
    'Each line is a record, or {"checkpoint": ...} right after the last record that it proves. "skerry audit verify FILE" verifies ' +
    'the file without a hub. To continue later, start with the sequence after your last one, and append.',
  examples: ['skerry audit export > audit.jsonl', 'skerry audit export --from 12001 >> audit.jsonl'],
  arguments: {},
  options: { from: usually('--from <sequence>', '1', 'the first record to write', parseLimit) },
  output: 'stream',
  async run({ from }, session) {
    const { client } = await session.hub()
    for await (const lines of auditLines(client.audit, { from }, session.signal))
      for (const line of lines) session.printEvent({ json: line, text: () => textOf(line) })
  },
})

/** The output is for programs in both cases, so it is the same with and without --json. */
const textOf = (line: AuditLine) => JSON.stringify(line)
