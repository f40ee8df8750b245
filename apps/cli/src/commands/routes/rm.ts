import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removeRoute = command({
  name: 'route rm',
  summary: 'Remove a route; its model stays where it is, and callers of the route get 404',
  examples: ['skerry route rm dose --yes'],
  arguments: { route: required('<route>', 'the name of the route', fits(Name)) },
  options: { yes: YES },
  async run({ route: name, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the route ${name}`, yes)
    await client.route.remove({ name }, { signal: session.signal })
    session.print({ json: { route: name }, text: () => `removed the route ${name}` })
  },
})
