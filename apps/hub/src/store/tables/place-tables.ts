/**
 * The tables of placements and groups, which pick devices, of the scale of placements, and of the routes and gateways
 * that lead to them.
 */
import type { GroupSpec } from '@skerry/contract/groups/group'
import type { GatewayReport, RouteSpec } from '@skerry/contract/routes/route'
import type { ItemScale } from '@skerry/contract/scaling/scaling'
import type { DeploymentId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Spent } from '@skerry/core/scaling/scale'
import type { Json } from '../json-column.ts'

export type PlacementPickTable = {
  deployment_id: DeploymentId
  device_id: DeviceId
  organisation_id: OrganisationId
  picked_at_ms: number
  /** 1 if it is replaced, and serves until its successor is active; null otherwise. */
  leaving: 1 | null
}

/** Moves without need: they count against the budget of an hour. */
export type PlacementMoveTable = {
  deployment_id: DeploymentId
  at_ms: number
  organisation_id: OrganisationId
  moves: number
}

/** A device that a deployment must leave to another one, or must not take. */
export type PlacementReserveTable = {
  deployment_id: DeploymentId
  device_id: DeviceId
  organisation_id: OrganisationId
}

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

/** A step of the scale of an item on a device, or of a placement: then `subject` is empty. */
export type ScaleStepTable = {
  deployment_id: DeploymentId
  subject: DeviceId | ''
  at_ms: number
  organisation_id: OrganisationId
  from_count: number
  to_count: number
  code: string
  reason: string
}

/** The number of replicas of a placement that follows the load. */
export type PlacementScaleTable = {
  deployment_id: DeploymentId
  organisation_id: OrganisationId
  replicas: number
  raised_at_ms: number | null
  changed_at_ms: number | null
  spent: Json<Spent>
  now: Json<Omit<ItemScale, 'steps'>>
}

export type DeviceGroupTable = {
  organisation_id: OrganisationId
  name: string
  spec: Json<GroupSpec>
  revision: number
  created_at_ms: number
  changed_at_ms: number
  changed_by: string
}

export type PlaceTables = {
  scale_steps: ScaleStepTable
  placement_scales: PlacementScaleTable
  placement_picks: PlacementPickTable
  placement_moves: PlacementMoveTable
  placement_reserves: PlacementReserveTable
  routes: RouteTable
  gateways: GatewayTable
  device_groups: DeviceGroupTable
}
