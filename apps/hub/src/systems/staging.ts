/**
 * Staging: replaces the offer of a system release by the offers of its parts, as far as the device is. The renderer
 * opens it for a batch of devices, and saves it in the transaction that issues their documents.
 */

import { isDeepStrictEqual } from 'node:util'
import type { DeploymentId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { type Claim, isWayBack, offeredRevision } from '@skerry/core/devices/desired'
import { aimStage, type Stage, stagedParts } from '@skerry/core/systems/stage'
import type { IssuedGeneration } from '../link/issued-store.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SystemStageTable } from '../store/tables/systems/system-tables.ts'
import { partsOfRevisions, type RevisionParts, type StoredPart, systemDeployments } from './part-store.ts'
import { deleteStage, keepStageGeneration, putStage, type StageKey, stageOf, stagesOf } from './stage-store.ts'

export type StagingClaim = Claim & { deviceId: DeviceId; organisationId: OrganisationId; retryToken: number }

/** A part that the device should have now. */
export type OfferedPart = {
  revision: number
  part: StoredPart
  retryToken: number
  /** Parts on their way back wait for no window. */
  isBack: boolean
}

export type Staging = {
  /** The parts for the device; undefined if the claim is not about a system. */
  partsFor(claim: StagingClaim): OfferedPart[] | undefined
  /** Stores the stages of the devices whose documents were issued. */
  save(tx: Tx, issued: readonly IssuedGeneration[], nowMs: number): Promise<void>
}

/** Costs two small queries for devices without a system. */
export async function openStaging(
  db: Db,
  deviceIds: readonly DeviceId[],
  claims: readonly StagingClaim[],
): Promise<Staging> {
  const rows = new Map((await stagesOf(db, deviceIds)).map((row) => [keyOf(row.device_id, row.deployment_id), row]))
  const claimed = [...new Set(claims.map(({ deploymentId }) => deploymentId))]
  const systems = await systemDeployments(db, claimed)
  const partsOf = await partsOfRevisions(db, [...systems])
  const aims = new Map<string, Aim>()
  for (const claim of claims) {
    const key = keyOf(claim.deviceId, claim.deploymentId)
    const row = rows.get(key)
    if (row || isSystem(claim, partsOf)) aims.set(key, { claim, row, stage: aimed(claim, row, partsOf) })
  }
  const orphans = [...rows.values()].filter((row) => !aims.has(keyOf(row.device_id, row.deployment_id)))
  return {
    partsFor(claim) {
      const aim = aims.get(keyOf(claim.deviceId, claim.deploymentId))
      return aim && offersOf(aim, partsOf)
    },
    async save(tx, issued, nowMs) {
      const generations = new Map(issued.map(({ deviceId, generation }) => [deviceId, generation]))
      // A device that left the deployment and comes back begins anew.
      for (const row of orphans) await deleteStage(tx, { deviceId: row.device_id, deploymentId: row.deployment_id })
      for (const aim of aims.values()) {
        const generation = generations.get(aim.claim.deviceId)
        if (generation !== undefined) await saveAim(tx, aim, { generation, partsOf, nowMs })
      }
    },
  }
}

type Aim = { claim: StagingClaim; row: SystemStageTable | undefined; stage: Stage | undefined }

const keyOf = (deviceId: DeviceId, deploymentId: DeploymentId) => `${deviceId} ${deploymentId}`

function isSystem(claim: StagingClaim, partsOf: RevisionParts): boolean {
  const revision = offeredRevision(claim)
  return revision !== undefined && partsOf(claim.deploymentId, revision).some(({ isOfSystem }) => isOfSystem)
}

function aimed(claim: StagingClaim, row: SystemStageTable | undefined, partsOf: RevisionParts): Stage | undefined {
  const { deploymentId, member, retryToken } = claim
  const wanted = { revision: offeredRevision(claim), previous: member.previousRevision, retryToken }
  return aimStage(row && stageOf(row), wanted, (revision) => partsOf(deploymentId, revision))
}

function offersOf({ claim, stage }: Aim, partsOf: RevisionParts): OfferedPart[] {
  if (!stage) return []
  const { deploymentId } = claim
  const staged = stagedParts(stage, (revision) => partsOf(deploymentId, revision))
  const isBack = stage.isBack || isWayBack(claim)
  return staged.flatMap(({ revision, part: { name } }) => {
    const part = partsOf(deploymentId, revision).find((one) => one.name === name)
    return part ? [{ revision, part, retryToken: stage.retryToken, isBack }] : []
  })
}

type Saving = { generation: number; partsOf: RevisionParts; nowMs: number }

async function saveAim(tx: Tx, { claim, row, stage }: Aim, { generation, partsOf, nowMs }: Saving): Promise<void> {
  const { deviceId, deploymentId, organisationId } = claim
  const key: StageKey = { deviceId, deploymentId }
  if (!stage) {
    if (row) await deleteStage(tx, key)
    return
  }
  if (row && isDeepStrictEqual(stageOf(row), stage)) {
    if (row.generation === null) await keepStageGeneration(tx, key, generation)
    return
  }
  const ofDeployment = (revision: number) => partsOf(deploymentId, revision)
  await putStage(tx, { ...key, organisationId, stage, partsOf: ofDeployment, generation, nowMs })
}
