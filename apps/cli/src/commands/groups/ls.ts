import { groupManifest } from '@skerry/client/manifests/group-manifest'
import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { groupsTable } from './group-view.ts'

export const listGroups = command({
  name: 'group ls',
  summary: 'List groups',
  examples: ['skerry group ls', 'skerry group ls -o yaml'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const groups = await allRows((page) => client.group.list(page, { signal: session.signal }))
    session.print({
      json: groups,
      text: () => groupsTable(groups, session.style),
      manifests: () => groups.map(groupManifest),
    })
  },
})
