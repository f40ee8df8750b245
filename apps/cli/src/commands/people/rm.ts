/** `skerry user rm` */
import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { findUser, PERSON } from './user-reference.ts'

export const removeUser = command({
  name: 'user rm',
  summary: 'Remove a person from the organisation; all sessions end at once',
  examples: ['skerry user rm ann@plant.example --yes'],
  arguments: { person: PERSON },
  options: { yes: YES },
  async run({ person, yes }, session) {
    const { client } = await session.hub()
    const user = await findUser(client, person, session.signal)
    await session.confirm(`remove ${user.email}`, yes)
    await client.user.remove({ user: user.id }, { signal: session.signal })
    session.print({ json: user, text: () => `removed ${user.email}` })
  },
})
