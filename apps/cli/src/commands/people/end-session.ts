/** `skerry user end-session` */
import { SessionId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { findUser, PERSON } from './user-reference.ts'

export const endUserSession = command({
  name: 'user end-session',
  summary: 'End a session of a person, from the next request',
  examples: ['skerry user end-session ann@plant.example ses_abcdefgh234567'],
  arguments: { person: PERSON, id: required('<session>', 'id from "skerry user sessions"', fits(SessionId)) },
  options: {},
  async run({ person, id }, session) {
    const { client } = await session.hub()
    const user = await findUser(client, person, session.signal)
    await client.user.endSession({ user: user.id, session: id }, { signal: session.signal })
    session.print({ json: { user: user.id, session: id }, text: () => `ended the session ${id} of ${user.email}` })
  },
})
