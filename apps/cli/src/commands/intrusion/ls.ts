/** `skerry intrusion ls` */
import { eachRow } from '@skerry/client/page'
import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import { command, flag, usually } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'
import { parseLimit } from '../../program/values.ts'

export const listIntrusions = command({
  name: 'intrusion ls',
  summary: 'List the open findings of intrusion detection, newest first',
  examples: ['skerry intrusion ls', 'skerry intrusion ls --all --json'],
  arguments: {},
  options: {
    all: flag('--all', 'also dismissed findings'),
    limit: usually('--limit <count>', '50', 'how many', parseLimit),
  },
  async run({ all, limit }, session) {
    const { client } = await session.hub()
    const status = all ? {} : { status: 'open' as const }
    const found: Intrusion[] = []
    for await (const row of eachRow((page) =>
      client.intrusion.list({ ...page, ...status }, { signal: session.signal }),
    )) {
      found.push(row)
      if (found.length === limit) break
    }
    const nowMs = session.io.nowMs()
    session.print({
      json: found,
      text: () =>
        tableOf(
          session.style,
          ['FINDING', 'RULE', 'WHO', 'SIGNS', 'LAST', 'STATE', 'RESPONSE'],
          found.map(({ id, rule, subject, count, lastMs, status: state, response }) => [
            id,
            rule,
            subject.name || subject.id,
            count,
            agoText(lastMs, nowMs),
            state,
            response.state === 'none' ? '-' : `${response.action ?? ''} ${response.state}`.trim(),
          ]),
          all ? 'none' : 'none open',
        ),
    })
  },
})
