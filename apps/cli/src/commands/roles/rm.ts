/** `skerry role rm` */
import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { ROLE } from './role-words.ts'

export const removeRole = command({
  name: 'role rm',
  summary: 'Remove an unused role',
  examples: ['skerry role rm oslo-operator --yes'],
  arguments: { role: ROLE },
  options: { yes: YES },
  async run({ role, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the role ${role}`, yes)
    await client.role.remove({ role }, { signal: session.signal })
    session.print({ json: { removed: role }, text: () => `removed the role ${role}` })
  },
})
