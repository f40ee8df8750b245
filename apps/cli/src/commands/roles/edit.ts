/** `skerry role edit` */

import { GivenPermission } from '@skerry/contract/people/role'
import { SelectorText } from '@skerry/contract/values/names'
import { command, fits, flag, list, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { permissionsOfRole, ROLE, roleText } from './role-words.ts'

export const editRole = command({
  name: 'role edit',
  summary: 'Change a role of your own; counts for everybody who has it from the next request on',
  examples: [
    'skerry role edit oslo-operator --add device.wipe --remove batch.send',
    'skerry role edit oslo-operator --scope \'site.country == "NO"\'',
  ],
  arguments: { role: ROLE },
  options: {
    add: list('--add <permission>', 'a permission more', fits(GivenPermission)),
    remove: list('--remove <permission>', 'a permission less', fits(GivenPermission)),
    scope: value('--scope <selector>', 'where it counts from now on', fits(SelectorText)),
    isEverywhere: flag('--everywhere', 'it has no scope any more'),
    description: value('--description <text>', 'what it is for', (text) => text),
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
