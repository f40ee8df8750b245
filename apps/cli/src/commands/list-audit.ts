/** `skerry audit ls` */
import { eachRow } from '@skerry/client/page'
import type { AuditRecord } from '@skerry/contract/audit'
import { asIs, command, flag, usually, value } from '../command.ts'
import { tableOf } from '../table.ts'
import { instantText } from '../words.ts'

export const listAudit = command({
  name: 'audit ls',
  summary: 'List who did what, on what, from where, with what result; newest first',
  examples: [
    'skerry audit ls --limit 20',
    'skerry audit ls --action deployment.apply',
    'skerry audit ls --oldest-first --json',
  ],
  arguments: {},
  options: {
    limit: usually('--limit <count>', '50', 'how many records', parseLimit),
    action: value('--action <action>', 'only this action, such as deployment.apply', asIs),
    object: value('--object <id>', 'only what was done to this object', asIs),
    isOldestFirst: flag('--oldest-first', 'begin with the first record'),
  },
  async run({ limit, action, object, isOldestFirst }, session) {
    const { client } = await session.hub()
    const filter = { action, object, ...(!isOldestFirst && { newestFirst: 'true' }) }
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
          records.map(({ sequence, atMs, actor, action: done, object: target, result, source }) => [
            sequence,
            instantText(atMs),
            `${actor.kind} ${actor.name}`,
            done,
            `${target.kind} ${target.id}`,
            result === 'ok' ? result : session.style.yellow(result),
            source,
          ]),
          'no records',
        ),
    })
  },
})

function parseLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1) throw new Error('must be a whole number from 1 on')
  return limit
}
