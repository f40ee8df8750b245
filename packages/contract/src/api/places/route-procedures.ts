/** Procedures on routes: their rules, their traffic, and the exchange with gateways. */
import * as z from 'zod'
import { GatewayReport, Route, RouteDetail, RouteRow, RouteSpec, RouteTable } from '../../routes/route.ts'
import { DeviceId, OrganisationId } from '../../values/ids.ts'
import { Name, Page, pageOf } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

/** Shorter than the time after which proxies end a silent connection. */
const WAIT_MAX_MS = 20_000

export const routeProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/routes',
    access: 'route.read',
    scope: 'none',
    approval: 'none',
    summary: 'List routes: the names under which callers reach models, with the traffic of the last minute',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(RouteRow)),
  get: procedure({
    method: 'GET',
    path: '/v1/routes/{name}',
    access: 'route.read',
    scope: 'none',
    approval: 'none',
    entity: 'route',
    summary: 'Show a route, its places with their traffic, and the gateways that serve it',
    errors: ['model_route_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(RouteDetail),
  set: procedure({
    method: 'PUT',
    path: '/v1/routes/{name}',
    access: 'route.write',
    scope: 'none',
    approval: 'none',
    entity: 'route',
    summary: 'Declare a route, or replace it',
    errors: ['model_unknown', 'route_refused'],
  })
    .input(z.strictObject({ name: Name, spec: RouteSpec }))
    .output(Route),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/routes/{name}',
    access: 'route.write',
    scope: 'none',
    approval: 'none',
    entity: 'route',
    summary: 'Remove a route; its model stays where it is',
    errors: ['model_route_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(z.strictObject({})),
  access: procedure({
    method: 'GET',
    path: '/v1/route-access',
    access: 'model.run',
    // A route may lead to any device, so a caller whose role has a scope runs models on devices instead.
    scope: 'none',
    approval: 'none',
    summary: 'Show whether the caller may send requests to routes; gateways send it with the key of their caller',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ organisationId: OrganisationId, name: z.string().max(63) })),
  table: procedure({
    method: 'POST',
    path: '/v1/route-table',
    access: 'route.serve',
    scope: 'none',
    approval: 'none',
    // It changes no intent: the counts of a gateway are observations, like the reports of devices.
    isReadOnly: true,
    summary: 'Exchange the counts of a gateway for its table of routes; waits for a change',
    errors: ['site_unknown', 'device_unknown', 'route_refused'],
  })
    .input(
      z.strictObject({
        gateway: Name,
        /** The site of the gateway. Without one, it serves no route with a data class or a residency. */
        site: Name.optional(),
        /** The device whose agent runs the gateway. Its site counts, and not the stated one. Hubs up to 0.1.0 reject it. */
        device: DeviceId.optional(),
        /** Where callers reach the gateway. */
        url: z.url().max(300).optional(),
        /** The revision that the gateway has: the hub answers when it has another, or when the time is over. */
        seen: z.string().max(80).optional(),
        waitMs: z.int().min(0).max(WAIT_MAX_MS).default(0),
        report: GatewayReport.optional(),
      }),
    )
    .output(RouteTable),
}
