import { eachRow } from '@skerry/client/page'
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import { command, usually } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'
import { parseLimit } from '../../program/values.ts'

export const listCheckpoints = command({
  name: 'audit checkpoints',
  summary: 'List the signed checkpoints of the audit log, newest first',
  details:
    'The hub signs one every ten minutes, or after a thousand records. Keep some of them (--json) in a place that no operator of the hub can change. Then ' +
    '"skerry audit verify --checkpoint FILE" shows whether the trail is still the same.',
  examples: ['skerry audit checkpoints', 'skerry audit checkpoints --limit 1 --json > kept.json'],
  arguments: {},
  options: { limit: usually('--limit <count>', '20', 'how many', parseLimit) },
  async run({ limit }, session) {
    const { client } = await session.hub()
    const found: AuditCheckpoint[] = []
    const newestFirst = { newestFirst: 'true' }
    for await (const row of eachRow((page) =>
      client.audit.checkpoints({ ...page, ...newestFirst }, { signal: session.signal }),
    )) {
      found.push(row)
      if (found.length === limit) break
    }
    session.print({
      json: found,
      text: () =>
        tableOf(
          session.style,
          ['SEQUENCE', 'SIGNED', 'HASH', 'KEY'],
          found.map(({ sequence, atMs, hash, keyId }) => [
            sequence,
            instantText(atMs),
            hash,
            keyId.slice(0, KEY_SHOWN),
          ]),
          'none yet',
        ),
    })
  },
})

/** Enough to distinguish two keys at a glance. */
const KEY_SHOWN = 16
