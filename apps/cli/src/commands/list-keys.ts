/** `skerry key ls` */
import { allRows } from '@skerry/client/page'
import type { Key } from '@skerry/contract/key'
import { command } from '../command.ts'
import { tableOf } from '../table.ts'
import { agoText, instantText } from '../words.ts'

export const listKeys = command({
  name: 'key ls',
  summary: 'List API keys',
  examples: ['skerry key ls'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const keys = await allRows((page) => client.key.list(page, { signal: session.signal }))
    const nowMs = session.io.nowMs()
    session.print({
      json: keys,
      text: () =>
        tableOf(
          session.style,
          ['KEY', 'NAME', 'ROLE', 'STATE', 'EXPIRES', 'LAST USED', 'CREATED'],
          keys.map((key) => [
            key.id,
            key.name,
            key.role,
            stateOf(key, nowMs),
            instantText(key.expiresAtMs) ?? 'never',
            agoText(key.lastUsedAtMs, nowMs) ?? 'never',
            instantText(key.createdAtMs),
          ]),
          'no keys',
        ),
    })
  },
})

function stateOf({ revokedAtMs, expiresAtMs }: Key, nowMs: number): string {
  if (revokedAtMs !== undefined) return 'revoked'
  return expiresAtMs !== undefined && nowMs >= expiresAtMs ? 'expired' : 'open'
}
