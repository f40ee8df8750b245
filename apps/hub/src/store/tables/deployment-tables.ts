/** The tables of deployments, their rollouts, and the devices whose documents are to be derived again. */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { Cause, ItemState, ShadowStats } from '@skerry/contract/devices/item'
import type { Outcome, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { DeploymentId, DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import type { RolloutState } from '@skerry/core/rollouts/rollout-state'
import type { RolloutPlan } from '@skerry/core/rollouts/waves'
import type { Json } from '../json-column.ts'

export type DeploymentTable = {
  id: DeploymentId
  organisation_id: OrganisationId
  name: string
  revision: number
  /** The newest revision whose rollout is done; null before the first. */
  stable_revision: number | null
  /** The rollout of the newest revision: its members are the devices that the deployment is on. */
  rollout_id: RolloutId
  created_at_ms: number
  changed_at_ms: number
}

/** What a deployment said at each revision that a device may still be asked to run. */
export type DeploymentRevisionTable = {
  deployment_id: DeploymentId
  revision: number
  organisation_id: OrganisationId
  spec: Json<DeploymentSpec>
  model: string
  /** What `spec.version` meant when it was applied. */
  version: number
  /** The opset of the default ONNX domain that the version needs. */
  opset: number
}

/** Devices that a deployment would be on, if an older one did not own the model's name there. */
export type DeploymentConflictTable = {
  deployment_id: DeploymentId
  device_id: DeviceId
  organisation_id: OrganisationId
}

export type RolloutTable = {
  id: RolloutId
  organisation_id: OrganisationId
  deployment_id: DeploymentId
  revision: number
  status: RolloutStatus
  state: Json<RolloutState>
  plan: Json<RolloutPlan>
  /** Counts the changes of its members' rows. */
  sequence: number
  created_at_ms: number
  changed_at_ms: number
}

/** One device of a rollout. */
export type RolloutMemberTable = {
  rollout_id: RolloutId
  device_id: DeviceId
  organisation_id: OrganisationId
  wave: number
  outcome: Outcome
  /** What the rollout's budget counts the device with; empty where it has none. */
  budget_group: string
  /** How often it was asked again after it had failed, and when it will be next. */
  retries: number
  retry_at_ms: number | null
  /** The revision that the device ran well when the rollout began; null where there was none. */
  previous_revision: number | null
  offered_at_ms: number | null
  /** The first generation of the device's document that has the rollout's revision: older reports say nothing about it. */
  offered_generation: number | null
  /** The device waits for a window or a lock: its time begins then. Null where it never did. */
  held_until_ms: number | null
  decided_at_ms: number | null
  /** What the device last said of the rollout's revision. */
  state: ItemState | null
  cause: Json<Cause> | null
  held: 1 | null
  shadow: Json<ShadowStats> | null
  /** The revision takes the model from the device: its wave is the rollout's removal. Null for all others. */
  leaving: 1 | null
  /** The rollout's, when the row last changed. */
  sequence: number
}

/**
 * Devices whose document may have changed. Written in the transaction that changes what a document is derived from, and emptied when it has
 * been derived, so that no crash in between leaves a device behind.
 */
export type DesiredQueueTable = { device_id: DeviceId; organisation_id: OrganisationId }

export type DeploymentTables = {
  deployments: DeploymentTable
  deployment_revisions: DeploymentRevisionTable
  deployment_conflicts: DeploymentConflictTable
  rollouts: RolloutTable
  rollout_members: RolloutMemberTable
  desired_queue: DesiredQueueTable
}
