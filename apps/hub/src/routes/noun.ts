/** Routes: names under which callers reach models through gateways, and the gateways. */
import { routeTag } from '@skerry/contract/values/entity-tag'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { gatewayHandlers } from './gateway-handlers.ts'
import { sweepGateways } from './gateway-store.ts'
import { routeHandlers } from './route-handlers.ts'
import { findRoute } from './route-store.ts'

type Handlers = { route: typeof routeHandlers & typeof gatewayHandlers }

const handlers: Handlers = { route: { ...routeHandlers, ...gatewayHandlers } }

const findRouteTag: FindTag = async ({ db, organisationId, named }) => {
  const route = await findRoute(db, organisationId, named('name'))
  return route && routeTag(route)
}

export const routeNoun = {
  handlers,
  purge: [
    ['gateways', ['organisation_id', 'name']],
    ['routes', ['organisation_id', 'name']],
  ],
  entityTags: { route: findRouteTag },
  sweeps: [{ name: 'gateways', everyMs: 3_600_000, run: sweepGateways }],
  raises: { route: ['deployments'] },
} satisfies Noun
