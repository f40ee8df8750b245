import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removeGroup = command({
  name: 'group rm',
  summary: 'Remove a group that no selector names; its devices stay',
  examples: ['skerry group rm pumps --yes'],
  arguments: { group: required('<group>', 'name of the group', fits(Name)) },
  options: { yes: YES },
  async run({ group, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the group ${group}`, yes)
    await client.group.remove({ group }, { signal: session.signal })
    session.print({ json: { name: group }, text: () => `removed the group ${group}` })
  },
})
