/**
 * Explain device: loads the stored facts about a deployment on a device, so that core can explain the device's state.
 */
import type { Explanation } from '@skerry/contract/deployments/explanation'
import type { DeviceLink } from '@skerry/contract/devices/device'
import type { DeviceId } from '@skerry/contract/values/ids'
import { bestCommand, formWords, isOutdated } from '@skerry/core/builds/build-words'
import { preferenceOf } from '@skerry/core/builds/preference'
import { explain } from '@skerry/core/deployments/explain'
import { checkPlacement } from '@skerry/core/deployments/placement'
import { compareAge, offeredRevision } from '@skerry/core/devices/desired'
import { isPlaced } from '@skerry/core/places/place'
import { placeReason } from '@skerry/core/places/place-text'
import { partStandings, stageSummary } from '@skerry/core/systems/stage-words'
import { choicesOf } from '../builds/choice-store.ts'
import { classOfInventory } from '../builds/class-form-store.ts'
import { namedBuilds } from '../builds/named-build-store.ts'
import { type DeviceRow, factsOf, itemsOf } from '../devices/device-store.ts'
import { livenessOf } from '../devices/liveness.ts'
import { resolveVersion } from '../models/version-store.ts'
import { openDataRules } from '../places/data-rules.ts'
import { findMember } from '../rollouts/member-store.ts'
import { findRollout, type RolloutRecord } from '../rollouts/rollout-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { RolloutMemberTable } from '../store/tables/deployment-tables.ts'
import { partsOfRevisions } from '../systems/part-store.ts'
import { stageOf, stagesOf } from '../systems/stage-store.ts'
import type { DeploymentInForce } from './deployment-store.ts'
import { classStanding, missingBytesOf, needsOf, populationOf, rivalMembers } from './population.ts'
import { earlierFailure } from './refused-version.ts'

/** Without a link, the answer says nothing about the connection. */
type Question = { deployment: DeploymentInForce; row: DeviceRow; nowMs: number; link?: DeviceLink }

/** The reason why the device does, or does not, run the version of the deployment. */
export async function explainDevice(db: Db, { deployment, row, nowMs, link }: Question): Promise<Explanation> {
  const { organisationId, rolloutId, version } = deployment
  const rollout = await findRollout(db, { organisationId, rolloutId })
  const member = await findMember(db, rolloutId, row.id)
  const system = await explainSystem(db, deployment, row.id)
  // The items of a system are its parts.
  const items = await itemsOf(db, row.id)
  const report = system ? undefined : items.find(({ deploymentId }) => deploymentId === deployment.id)
  const servedBy = (name: string) => items.find((item) => item.name === name)?.serving?.digest
  const placed = await placedAs(db, { deployment, row, nowMs })
  const checks = checkPlacement(
    {
      facts: factsOf(row, nowMs),
      inventory: row.inventory === null ? undefined : fromJson(row.inventory),
      owner: await olderOwner(db, deployment, row.id),
      missingBytes: missingBytesOf(deployment, classStanding(deployment, row).form, servedBy),
      dataViolation: (await (await openDataRules(db, organisationId)).of(deployment))(row),
      ...placed,
    },
    needsOf(deployment),
  )
  return explain({
    device: row.name,
    deployment: deployment.name,
    checks,
    rollout: rollout && {
      ...rollout.state,
      revision: rollout.revision,
      version,
      waves: rollout.plan.waves.map(({ name }) => name),
    },
    member: member && { ...member, cause: member.cause === null ? undefined : fromJson(member.cause) },
    offeredVersion: rollout && member && (await offeredVersion(db, deployment, { rollout, member })),
    report,
    system,
    ...(await explainForm(db, deployment, row)),
    earlier: await earlierFailure(db, { deploymentId: deployment.id, deviceId: row.id, revision: deployment.revision }),
    liveness: livenessOf(row, nowMs),
    link,
    nowMs,
  })
}

/** How far the device is with a system release; undefined if it has no part of one. */
async function explainSystem(db: Db, { id }: DeploymentInForce, deviceId: DeviceId) {
  const row = (await stagesOf(db, [deviceId])).find(({ deployment_id }) => deployment_id === id)
  if (!row) return undefined
  const partsOf = await partsOfRevisions(db, [id])
  const stage = stageOf(row)
  const ofRevision = (revision: number) => partsOf(id, revision)
  return { summary: stageSummary(stage, ofRevision), parts: partStandings(stage, ofRevision) }
}

/** The verdict of the placement policy on the device. Costs nothing if there is none, and a look at the fleet if there is. */
async function placedAs(db: Db, { deployment, row, nowMs }: Omit<Question, 'link'>) {
  const policy = deployment.spec.placement
  if (!policy) return {}
  const { placing } = await populationOf(db, deployment, nowMs)
  const one = placing?.candidates.find(({ candidate }) => candidate.id === row.id)
  return { placed: one !== undefined && isPlaced(one), ...(one && { placeReason: placeReason(policy, one) }) }
}

/** The form of the version that the deployment gives the device. Costs nothing if the deployment names no build. */
async function explainForm(db: Db, deployment: DeploymentInForce, row: DeviceRow) {
  const { organisationId, deployable, version, revision, buildId, choices, digest, name, spec } = deployment
  if (buildId === undefined && !choices) return {}
  const hardwareClass = classOfInventory(row.inventory)
  const prefer = preferenceOf(spec.build)
  const wanted = buildId === undefined ? classStanding(deployment, row).form?.digest : digest
  const builds = await namedBuilds(db, { organisationId, digests: wanted ? [wanted] : [], hardwareClass })
  const build = wanted && builds.get(wanted)
  const found = choices && (await resolveVersion(db, { organisationId, name: deployable }, String(version)))
  const now =
    found?.ok && hardwareClass !== undefined
      ? (await choicesOf(db, found.version, { classes: [hardwareClass], prefer })).find(
          (one) => one.hardwareClass === hardwareClass,
        )
      : undefined
  const form = formWords({ revision, named: buildId, choices, hardwareClass, build, now, prefer })
  return {
    build,
    form,
    ...(isOutdated(choices ?? [], now) && { again: bestCommand(name, deployable, version, prefer) }),
  }
}

async function olderOwner(db: Db, deployment: DeploymentInForce, deviceId: DeviceId): Promise<string | undefined> {
  const rivals = await rivalMembers(db, deployment)
  return rivals.find((rival) => rival.deviceId === deviceId && compareAge(rival, deployment) < 0)?.name
}

type Place = { rollout: RolloutRecord; member: RolloutMemberTable }

async function offeredVersion(db: Db, { id, stableRevision }: DeploymentInForce, { rollout, member }: Place) {
  const revision = offeredRevision({
    rollout: rollout.state,
    revision: rollout.revision,
    member: { ...member, previousRevision: member.previous_revision ?? undefined },
    stableRevision,
  })
  const found = await db
    .selectFrom('deployment_revisions')
    .select('version')
    .where('deployment_id', '=', id)
    .where('revision', '=', revision ?? 0)
    .executeTakeFirst()
  return found?.version
}
