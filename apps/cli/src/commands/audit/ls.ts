/** `skerry audit ls` */
import { eachRow } from '@skerry/client/page'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { JournalDetail, LOCAL_ACTION } from '@skerry/contract/audit/device-journal'
import { asIs, command, flag, usually, value } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'
import { instantOf, parseLimit, parseMoment } from '../../program/values.ts'

export const listAudit = command({
  name: 'audit ls',
  summary: 'List audit records: actor, action, object, address and result; newest first',
  examples: [
    'skerry audit ls --limit 20',
    "skerry audit ls --action 'rollout.*' --actor owner --from 7d",
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
    object: value('--object <id>', 'only actions on this object', asIs),
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
    session.print({
      json: records,
      text: () =>
        tableOf(
          session.style,
          ['SEQUENCE', 'AT', 'WHO', 'ACTION', 'OBJECT', 'RESULT', 'FROM'],
          records.map(({ sequence, atMs, actor, detail, action: done, object: target, result, source }) => [
            sequence,
            instantText(atMs),
            `${actor.kind} ${actor.name}`,
            whenLocal(done, detail),
            `${target.kind} ${target.id}`,
            result === 'ok' ? result : session.style.yellow(result),
            source,
          ]),
          'no records',
        ),
    })
  },
})

/** What a device wrote down about itself may have been long before the hub heard of it. */
function whenLocal(action: string, detail: AuditRecord['detail']): string {
  const local = action.startsWith(LOCAL_ACTION) ? JournalDetail.safeParse(detail).data : undefined
  return local ? `${action} at ${instantText(local.entry.atMs)}` : action
}
