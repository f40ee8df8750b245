/** `skerry role edit` */

import { GivenPermission } from '@skerry/contract/people/role'
import { SelectorText } from '@skerry/contract/values/names'
import { command, fits, flag, list, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { permissionsOfRole, ROLE, roleText } from './role-words.ts'

export const editRole = command({
  name: 'role edit',
  summary: 'Change a role of your own; the change applies from the next request',
  examples: [
    'skerry role edit oslo-operator --add device.wipe --remove batch.send',
    'skerry role edit oslo-operator --scope \'site.country == "NO"\'',
  ],
  arguments: { role: ROLE },
  options: {
    add: list('--add <permission>', 'a permission more', fits(GivenPermission)),
    remove: list('--remove <permission>', 'a permission less', fits(GivenPermission)),
    scope: value('--scope <selector>', 'its new scope', fits(SelectorText)),
    isEverywhere: flag('--everywhere', 'remove its scope'),
    description: value('--description <text>', 'its purpose', (text) => text),
  },
  async run({ role, add, remove, scope, isEverywhere, description }, session) {
    if (scope !== undefined && isEverywhere) throw wrongUsage('--scope and --everywhere exclude each other')
    const { client } = await session.hub()
    const { signal, style } = session
    const before = await client.role.show({ role }, { signal })
    const kept = await permissionsOfRole(client, role, signal)
    const permissions = [...new Set([...kept, ...add])].filter((each) => !remove.includes(each))
    const edited = await client.role.edit(
      {
        role,
        permissions,
        description: description ?? before.description,
        scope: isEverywhere ? undefined : (scope ?? before.scope),
      },
      { signal },
    )
    session.print({ json: edited, text: () => roleText(style, edited) })
  },
})
