/** The tables of deployments, their rollouts, and the devices whose documents must be derived again. */
import type { ClassBuild } from '@skerry/contract/builds/measurement'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { Cause, ItemState, ShadowStats } from '@skerry/contract/devices/item'
import type { Outcome, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { BuildId, DeploymentId, DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import type { RolloutState } from '@skerry/core/rollouts/rollout-state'
import type { RolloutPlan } from '@skerry/core/rollouts/waves'
import type { Json } from '../json-column.ts'

export type DeploymentTable = {
  id: DeploymentId
  organisation_id: OrganisationId
  name: string
  revision: number
  /** The newest revision whose rollout is complete; null before the first. */
  stable_revision: number | null
  /** The rollout of the newest revision: its members are the devices that the deployment is on. */
  rollout_id: RolloutId
  created_at_ms: number
  changed_at_ms: number
  /** 1 if the newest revision has a placement policy. */
  is_placed: 1 | null
}

/** The spec of a deployment at each revision that a device may still get. */
export type DeploymentRevisionTable = {
  deployment_id: DeploymentId
  revision: number
  organisation_id: OrganisationId
  spec: Json<DeploymentSpec>
  name: string
  /** The version that `spec.version` meant when it was applied. */
  version: number
  /** The opset of the default ONNX domain that the version needs. */
  opset: number
  /** The build that `spec.build` meant when it was applied; null if the devices get the version itself. */
  build_id: BuildId | null
  /** The build of each class of hardware when it was applied, if `spec.build` asks for the best; null otherwise. */
  build_choices: Json<ClassBuild[]> | null
}

/** Devices that a deployment would have, if an older one did not own the model's name there. */
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
  /** The number of changes of its members' rows. */
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
  /** The group in which the rollout's budget counts the device; empty if there is no budget. */
  budget_group: string
  /** The number of retries after a failure, and the time of the next one. */
  retries: number
  retry_at_ms: number | null
  /** The revision that the device ran well when the rollout began; null if there was none. */
  previous_revision: number | null
  offered_at_ms: number | null
  /**
   * The first generation of the device's document with the rollout's revision. Earlier reports say nothing about it.
   */
  offered_generation: number | null
  /** The end of a wait for a window or a lock, at which the device's time begins. Null if it never waited. */
  held_until_ms: number | null
  decided_at_ms: number | null
  /** The device's last report on the rollout's revision. */
  state: ItemState | null
  cause: Json<Cause> | null
  held: 1 | null
  shadow: Json<ShadowStats> | null
  /** The revision takes the model from the device: its wave is the rollout's removal. Null for all others. */
  leaving: 1 | null
  /** The change number of the rollout at the row's last change. */
  sequence: number
}

/**
 * Devices whose document may have changed. A row is written in the transaction that changes the source of a document,
 * and deleted when the document has been derived. So a crash in between loses no device.
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
