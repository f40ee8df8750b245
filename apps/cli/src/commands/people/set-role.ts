/** `skerry user set-role` */
import { TenantRole } from '@skerry/contract/people/permissions'
import { RoleName } from '@skerry/contract/people/role'
import { command, fits, required } from '../../program/command.ts'
import { findUser, PERSON } from './user-reference.ts'

export const setUserRole = command({
  name: 'user set-role',
  summary: 'Give a person another role, from the next request',
  examples: ['skerry user set-role ann@plant.example owner'],
  arguments: {
    person: PERSON,
    role: required('<role>', `${TenantRole.options.join(', ')}, or one of your own`, fits(RoleName)),
  },
  options: {},
  async run({ person, role }, session) {
    const { client } = await session.hub()
    const { id } = await findUser(client, person, session.signal)
    const user = await client.user.setRole({ user: id, role }, { signal: session.signal })
    session.print({ json: user, text: () => `${user.email} is ${user.role} now` })
  },
})
