import { eachRow } from '@skerry/client/page'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { JournalDetail, LOCAL_ACTION } from '@skerry/contract/audit/device-journal'
import { auditReason, auditWhat, isDryRun, partsText } from '@skerry/core/audit/audit-words'
import { asIs, command, flag, usually, value } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'
import { instantOf, parseLimit, parseMoment } from '../../program/values.ts'

export const listAudit = command({
  name: 'audit ls',
  summary: 'List audit records with actor, action, object, result and address; newest first',
  details:
    'A dry run has the result "dry run", because it changed nothing. --json has the whole records, with the codes of the actions that --action takes.',
  examples: [
    'skerry audit ls --limit 20',
    "skerry audit ls --action 'rollout.*' --actor owner --from 7d",
    'skerry audit ls --object wear',
    'skerry audit ls --result refused --from 2026-11-01 --to 2026-12-01',
    'skerry audit ls --oldest-first --json',
  ],
  arguments: {},
  options: {
    limit: usually('--limit <count>', '50', 'number of records', parseLimit),
    from: value('--from <time>', 'only from this time: 2026-11-24T10:30Z, or 2h, 7d for a time ago', parseMoment),
    to: value('--to <time>', 'only before this time', parseMoment),
    action: value(
      '--action <action>',
      'only this action, such as deployment.apply, or rollout.* for all actions of a noun',
      asIs,
    ),
    object: value('--object <id>', 'only actions on this object, by name or id, such as wear', asIs),
    actor: value(
      '--actor <name>',
      'only actions of this key or device, by name or id; hub for its own decisions',
      asIs,
    ),
    result: value('--result <result>', 'only with this result: ok, refused, or an error code', asIs),
    isOldestFirst: flag('--oldest-first', 'start with the first record'),
  },
  async run({ limit, from, to, isOldestFirst, ...which }, session) {
    const { client } = await session.hub()
    const nowMs = session.io.nowMs()
    const fromMs = instantOf(from, nowMs)
    const toMs = instantOf(to, nowMs)
    const filter = { fromMs, toMs, ...which, ...(!isOldestFirst && { newestFirst: 'true' }) }
    const rows = eachRow((page) => client.audit.list({ ...page, ...filter }, { signal: session.signal }))
    const records: AuditRecord[] = []
    for await (const record of rows) {
      records.push(record)
      if (records.length === limit) break
    }
    const hasReasons = records.some((record) => auditReason(record) !== undefined)
    session.print({
      json: records,
      text: () =>
        tableOf(
          session.style,
          ['SEQUENCE', 'AT', 'WHO', 'WHAT', ...(hasReasons ? ['REASON'] : []), 'RESULT', 'FROM'],
          records.map((record) => [
            record.sequence,
            instantText(record.atMs),
            `${record.actor.kind} ${record.actor.name}`,
            whatText(record),
            ...(hasReasons ? [auditReason(record)] : []),
            resultText(record, session.style),
            record.source,
          ]),
          'no records',
        ),
    })
  },
})

/** A device may have written a record about itself long before the hub received it. */
function whatText(record: AuditRecord): string {
  const text = partsText(auditWhat(record))
  const local = record.action.startsWith(LOCAL_ACTION) ? JournalDetail.safeParse(record.detail).data : undefined
  return local ? `${text} at ${instantText(local.entry.atMs)}` : text
}

/** A dry run that was possible changed nothing, so its result is not `ok`. */
function resultText(record: AuditRecord, style: Style): string {
  const result = record.result === 'ok' ? record.result : style.yellow(record.result)
  if (!isDryRun(record)) return result
  return record.result === 'ok' ? 'dry run' : `dry run, ${result}`
}
