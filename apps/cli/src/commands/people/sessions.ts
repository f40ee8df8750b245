/** `skerry user sessions` */
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText, instantText } from '../../program/terminal/words.ts'
import { findUser, PERSON } from './user-reference.ts'

export const listUserSessions = command({
  name: 'user sessions',
  summary: 'List the sessions of a person',
  examples: ['skerry user sessions ann@plant.example'],
  arguments: { person: PERSON },
  options: {},
  async run({ person }, session) {
    const { client } = await session.hub()
    const { id } = await findUser(client, person, session.signal)
    const { rows } = await client.user.sessions({ user: id }, { signal: session.signal })
    const nowMs = session.io.nowMs()
    session.print({
      json: rows,
      text: () =>
        tableOf(
          session.style,
          ['SESSION', 'SINCE', 'ENDS', 'FROM', 'BY', 'BROWSER'],
          rows.map((row) => [
            row.id,
            agoText(row.createdAtMs, nowMs) ?? '',
            instantText(row.expiresAtMs) ?? '',
            row.source,
            row.method,
            row.browser,
          ]),
          'not signed in anywhere',
        ),
    })
  },
})
