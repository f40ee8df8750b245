/** The table of placements: the devices that the policy of a deployment has picked. */
import type { DeploymentId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'

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

export type PlaceTables = { placement_picks: PlacementPickTable; placement_moves: PlacementMoveTable }
