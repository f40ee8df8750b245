/** `skerry role ls` */
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { heldText } from './role-words.ts'

export const listRoles = command({
  name: 'role ls',
  summary: 'List roles: the built-in ones, and those of your own',
  examples: ['skerry role ls'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const { rows } = await client.role.list({}, { signal: session.signal })
    session.print({
      json: rows,
      text: () =>
        tableOf(
          session.style,
          ['NAME', 'KIND', 'PERMISSIONS', 'SCOPE', 'USED BY'],
          rows.map((role) => [
            role.name,
            role.isBuiltIn ? 'built in' : 'own',
            role.permissions.length,
            role.scope ?? 'everywhere',
            heldText(role),
          ]),
          'no roles',
        ),
    })
  },
})
