import { Name } from '@skerry/contract/values/names'
import { command, fits, needed, required } from '../../program/command.ts'
import { ROUTE_OPTIONS, routeSpec } from './route-options.ts'
import { routeText } from './route-view.ts'

export const createRoute = command({
  name: 'route create',
  summary: 'Create a route: a name under which callers reach a model, wherever it runs',
  details:
    'Gateways ("skerry gateway") answer requests to the route, and pass them to the devices that serve the model. ' +
    'They reach a device at the address that its agent declares (--serve-address), or through the hub.',
  examples: [
    'skerry route create dose --model dose',
    'skerry route create dose --model dose --data confidential --in EU --prefer order --site lyon --site paris',
    'skerry route create ocr --model ocr --prefer least --split 3=10%',
  ],
  arguments: { route: required('<route>', 'the name of the new route', fits(Name)) },
  options: { model: needed('--model <model>', 'the model that answers', fits(Name)), ...ROUTE_OPTIONS },
  async run({ route: name, model, ...given }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const spec = routeSpec(model, given)
    await client.route.set({ name, spec }, { signal, context: { ifNoneMatch: '*' } })
    const route = await client.route.get({ name }, { signal })
    session.print({ json: route, text: () => routeText(route, session.style) })
  },
})
