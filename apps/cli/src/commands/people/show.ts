/** `skerry user show` */
import { command } from '../../program/command.ts'
import { instantText } from '../../program/terminal/words.ts'
import { findUser, PERSON } from './user-reference.ts'

export const showUser = command({
  name: 'user show',
  summary: 'Show a person',
  examples: ['skerry user show ann@plant.example'],
  arguments: { person: PERSON },
  options: {},
  async run({ person }, session) {
    const { client } = await session.hub()
    const user = await findUser(client, person, session.signal)
    session.print({
      json: user,
      text: () =>
        [
          `${user.name} <${user.email}> ${session.style.dim(user.id)}`,
          `role           ${user.role}`,
          `second factor  ${user.hasSecondFactor ? 'yes' : 'no'}`,
          `passkeys       ${user.passkeys}`,
          `here since     ${instantText(user.createdAtMs)}`,
          `signed in      ${instantText(user.lastSignInAtMs) ?? 'not lately'}`,
        ].join('\n'),
    })
  },
})
