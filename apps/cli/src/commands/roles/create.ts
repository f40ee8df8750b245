/** `skerry role create` */
import { SelectorText } from '@skerry/contract/values/names'
import { command, fits, value } from '../../program/command.ts'
import { LIKE, PERMISSIONS, permissionsOfRole, ROLE, roleText } from './role-words.ts'

export const createRole = command({
  name: 'role create',
  summary: 'Create a role of your own: permissions, and their scope',
  details:
    'The scope is a selector over device.id, device.name, device.labels and site; without a scope the role applies everywhere. You cannot give ' +
    'a role permissions that you do not have.',
  examples: [
    'skerry role create oslo-operator --like supervisor --scope \'site.name == "oslo"\'',
    'skerry role create robot --permission fleet.read --permission model.write',
  ],
  arguments: { role: ROLE },
  options: {
    permissions: PERMISSIONS,
    like: LIKE,
    scope: value('--scope <selector>', 'its scope', fits(SelectorText)),
    description: value('--description <text>', 'its purpose', (text) => text),
  },
  async run({ role: name, permissions, like, scope, description }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const first = like === undefined ? [] : await permissionsOfRole(client, like, signal)
    const all = [...new Set([...first, ...permissions])]
    const made = await client.role.create({ name, permissions: all, scope, description }, { signal })
    session.print({ json: made, text: () => roleText(style, made) })
  },
})
