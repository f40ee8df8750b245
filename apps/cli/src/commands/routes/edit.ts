import { routeTag } from '@skerry/contract/values/entity-tag'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required, value } from '../../program/command.ts'
import { ROUTE_OPTIONS, routeSpec } from './route-options.ts'
import { routeText } from './route-view.ts'

export const editRoute = command({
  name: 'route edit',
  summary: 'Change a route; options that are not given keep their values',
  examples: ['skerry route edit dose --attempts 2', 'skerry route edit dose --split 4=25%'],
  arguments: { route: required('<route>', 'the name of the route', fits(Name)) },
  options: { model: value('--model <model>', 'another model that answers', fits(Name)), ...ROUTE_OPTIONS },
  async run({ route: name, model, ...given }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const before = await client.route.get({ name }, { signal })
    const spec = routeSpec(model ?? before.spec.model, given, before.spec)
    await client.route.set({ name, spec }, { signal, context: { ifMatch: routeTag(before) } })
    const route = await client.route.get({ name }, { signal })
    session.print({ json: route, text: () => routeText(route, session.style) })
  },
})
