import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { routeText } from './route-view.ts'

export const showRoute = command({
  name: 'route show',
  summary: 'Show a route, its places with their traffic, and its gateways',
  examples: ['skerry route show dose'],
  arguments: { route: required('<route>', 'the name of the route', fits(Name)) },
  options: {},
  async run({ route: name }, session) {
    const { client } = await session.hub()
    const route = await client.route.get({ name }, { signal: session.signal })
    session.print({ json: route, text: () => routeText(route, session.style) })
  },
})
