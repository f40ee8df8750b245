import { Name } from '@skerry/contract/values/names'
import { command, fits, required, value } from '../../program/command.ts'
import { ROUTE_OPTIONS, routeModel, routeSpec } from './route-options.ts'
import { routeText } from './route-view.ts'

export const createRoute = command({
  name: 'route create',
  summary: 'Create a route: a name under which callers reach a model, wherever it runs',
  details:
    'Gateways ("skerry gateway") answer requests to the route, and pass them to the devices that serve the model. ' +
    'They reach a device at the address that its agent declares (--serve-address), or through the hub. ' +
    'With --stage the route is a pipeline: each request passes several versions, one after the other, each on any device that serves it.',
  examples: [
    'skerry route create dose --model dose',
    'skerry route create dose --model dose --data confidential --in EU --prefer order --site lyon --site paris',
    'skerry route create ocr --model ocr --prefer least --split 3=10%',
    'skerry route create ocr --model ocr --stage ocr-1:1 --stage ocr-2:1 --queue 8',
  ],
  arguments: { route: required('<route>', 'the name of the new route', fits(Name)) },
  options: {
    model: value('--model <model>', 'the model that answers; for a pipeline the name of its answers', fits(Name)),
    ...ROUTE_OPTIONS,
  },
  async run({ route: name, model, ...given }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const spec = routeSpec(routeModel(model, given), given)
    await client.route.set({ name, spec }, { signal, context: { ifNoneMatch: '*' } })
    const route = await client.route.get({ name }, { signal })
    session.print({ json: route, text: () => routeText(route, session.style) })
  },
})
