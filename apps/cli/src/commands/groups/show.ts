import { groupManifest } from '@skerry/client/manifests/group-manifest'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { groupText } from './group-view.ts'

export const showGroup = command({
  name: 'group show',
  summary: 'Show a group, its members, and the things whose selectors name it',
  examples: ['skerry group show pumps', 'skerry group show pumps -o yaml'],
  arguments: { group: required('<group>', 'name of the group', fits(Name)) },
  options: {},
  async run({ group: name }, session) {
    const { client } = await session.hub()
    const group = await client.group.get({ group: name }, { signal: session.signal })
    session.print({
      json: group,
      text: () => groupText(group, session.style),
      manifests: () => [groupManifest(group)],
    })
  },
})
