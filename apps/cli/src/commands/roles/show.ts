/** `skerry role show` */
import { command } from '../../program/command.ts'
import { ROLE, roleText } from './role-words.ts'

export const showRole = command({
  name: 'role show',
  summary: 'Show the permissions of a role, and its scope',
  examples: ['skerry role show supervisor'],
  arguments: { role: ROLE },
  options: {},
  async run({ role }, session) {
    const { client } = await session.hub()
    const found = await client.role.show({ role }, { signal: session.signal })
    session.print({ json: found, text: () => roleText(session.style, found) })
  },
})
