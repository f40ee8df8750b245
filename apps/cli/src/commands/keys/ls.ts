/** `skerry key ls` */
import { allRows } from '@skerry/client/page'
import type { Key } from '@skerry/contract/people/key'
import { keyLanguage } from '@skerry/core/language/row-language'
import { command } from '../../program/command.ts'
import { filtered, filterOf } from '../../program/options.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText, instantText } from '../../program/terminal/words.ts'

export const listKeys = command({
  name: 'key ls',
  summary: 'List API keys',
  examples: ['skerry key ls', `skerry key ls --filter '!key.revoked'`],
  arguments: {},
  options: { filter: filterOf(keyLanguage) },
  async run({ filter }, session) {
    const { client } = await session.hub()
    const all = await allRows((page) => client.key.list(page, { signal: session.signal }))
    const keys = filtered(all, filter)
    const nowMs = session.io.nowMs()
    session.print({
      json: keys,
      text: () =>
        tableOf(
          session.style,
          ['KEY', 'NAME', 'OWNER', 'ROLE', 'STATE', 'EXPIRES', 'LAST USED', 'CREATED'],
          keys.map((key) => [
            key.id,
            key.name,
            ownerOf(key),
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

/** A person, or nobody where it is a program's. */
const ownerOf = ({ owner }: Key): string => (owner ? (owner.email ?? owner.id) : '')

function stateOf({ revokedAtMs, expiresAtMs }: Key, nowMs: number): string {
  if (revokedAtMs !== undefined) return 'revoked'
  return expiresAtMs !== undefined && nowMs >= expiresAtMs ? 'expired' : 'open'
}
