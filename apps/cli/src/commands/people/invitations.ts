/** `skerry user invitations` */
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

export const listInvitations = command({
  name: 'user invitations',
  summary: 'List valid invitations',
  examples: ['skerry user invitations'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const { rows } = await client.invitation.list({}, { signal: session.signal })
    session.print({
      json: rows,
      text: () =>
        tableOf(
          session.style,
          ['INVITATION', 'ROLE', 'FOR', 'USED', 'EXPIRES'],
          rows.map(({ id, role, email, uses, usesMax, expiresAtMs }) => [
            id,
            role,
            email ?? 'anybody with the link',
            `${uses} of ${usesMax}`,
            instantText(expiresAtMs) ?? '',
          ]),
          'no invitations',
        ),
    })
  },
})
