/** `skerry device token ls` */
import { allRows } from '@skerry/client/page'
import type { JoinToken } from '@skerry/contract/joining/join'
import { tokenLanguage } from '@skerry/core/language/row-language'
import { command } from '../../../program/command.ts'
import { filtered, filterOf } from '../../../program/options.ts'
import { tableOf } from '../../../program/terminal/table.ts'
import { instantText, labelsText } from '../../../program/terminal/words.ts'

export const listDeviceTokens = command({
  name: 'device token ls',
  summary: 'List join tokens',
  examples: ['skerry device token ls', `skerry device token ls --filter 'token.site == "oslo"'`],
  arguments: {},
  options: { filter: filterOf(tokenLanguage) },
  async run({ filter }, session) {
    const { client } = await session.hub()
    const all = await allRows((page) => client.token.list(page, { signal: session.signal }))
    const tokens = filtered(all, filter)
    session.print({
      json: tokens,
      text: () =>
        tableOf(
          session.style,
          ['TOKEN', 'SITE', 'USES', 'APPROVAL', 'STATE', 'EXPIRES', 'NETWORKS', 'LABELS'],
          tokens.map((token) => [
            token.id,
            token.site,
            `${token.uses}/${token.usesMax}`,
            token.approval,
            stateOf(token, session.io.nowMs()),
            instantText(token.expiresAtMs),
            token.networks.join(' '),
            labelsText(token.labels),
          ]),
          'no join tokens; create one with "skerry device token create"',
        ),
    })
  },
})

function stateOf({ revokedAtMs, uses, usesMax, expiresAtMs }: JoinToken, nowMs: number): string {
  if (revokedAtMs !== undefined) return 'revoked'
  if (uses >= usesMax) return 'used up'
  return nowMs >= expiresAtMs ? 'expired' : 'open'
}
