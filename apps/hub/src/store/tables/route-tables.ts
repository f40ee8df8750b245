/** The tables of routes and of the gateways that serve them. */
import type { GatewayReport, RouteSpec } from '@skerry/contract/routes/route'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

export type RouteTable = {
  organisation_id: OrganisationId
  name: string
  model: string
  spec: Json<RouteSpec>
  revision: number
  created_at_ms: number
  changed_at_ms: number
  changed_by: string
}

/** A gateway, with its newest report. */
export type GatewayTable = {
  organisation_id: OrganisationId
  name: string
  /** The name of its site, as it stated it; null if it stated none. */
  site: string | null
  url: string | null
  seen_at_ms: number
  report: Json<GatewayReport> | null
}

export type RouteTables = { routes: RouteTable; gateways: GatewayTable }
