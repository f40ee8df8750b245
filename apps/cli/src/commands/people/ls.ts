/** `skerry user ls` */
import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'

export const listUsers = command({
  name: 'user ls',
  summary: 'List people',
  examples: ['skerry user ls'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const users = await allRows((page) => client.user.list(page, { signal: session.signal }))
    const nowMs = session.io.nowMs()
    session.print({
      json: users,
      text: () =>
        tableOf(
          session.style,
          ['E-MAIL', 'NAME', 'ROLE', 'SECOND FACTOR', 'SIGNED IN', 'ID'],
          users.map(({ email, name, role, hasSecondFactor, lastSignInAtMs, id }) => [
            email,
            name,
            role,
            hasSecondFactor ? 'yes' : 'no',
            agoText(lastSignInAtMs, nowMs) ?? 'not lately',
            id,
          ]),
          'no people yet; "skerry user invite" invites some',
        ),
    })
  },
})
