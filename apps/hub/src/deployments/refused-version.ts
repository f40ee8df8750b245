/** Refused version: the devices that have failed or rejected a version before, according to their rows of rollouts. */
import type { DeploymentPlan } from '@skerry/contract/deployments/deployment'
import type { DeploymentId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { FAILURE_KINDS } from '@skerry/core/rollouts/wave-verdict'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

type Versioned = { organisationId: OrganisationId; deployable: string; version: number }
type Caution = DeploymentPlan['cautions'][number]

/** The maximum of names in a plan; the contract cuts its lists there. */
const NAMES_MAX = 500

/** Rows that one query reads. If more devices have rejected a version, a longer list does not help. */
const ROWS_MAX = 1_000

/** A caution for a version that devices have rejected, with their codes; empty if no device has. */
export async function refusedVersionCautions(db: Db, wanted: Versioned): Promise<Caution[]> {
  const rows = await refusals(db, wanted)
  if (rows.length === 0) return []
  const devices = new Map(rows.map(({ id, name, site }) => [id, { id, name, site }]))
  const codes = new Set(rows.map(({ cause }) => (cause === null ? 'no cause' : fromJson(cause).code)))
  const message = `rejected version ${wanted.version} before (${[...codes].sort().join(', ')}); "skerry rollout show ${newest(rows)}" shows the reason`
  const named = [...devices.values()].slice(0, NAMES_MAX)
  return [{ code: 'version_refused', message, count: devices.size, devices: named }]
}

/** The newest of the rollouts: a later revision changes the answer of `explain`, and not that of the rollout. */
const newest = (rows: readonly { rollout: string; startedAtMs: number }[]) =>
  rows.reduce((last, row) => (row.startedAtMs > last.startedAtMs ? row : last), rows[0] as (typeof rows)[number])
    .rollout

/** Accepted failures are counted too: a person accepted them for that rollout, and not for the next one. */
const refusals = (db: Db, { organisationId, deployable, version }: Versioned) =>
  db
    .selectFrom('deployment_revisions')
    .innerJoin('rollouts', (join) =>
      join
        .onRef('rollouts.deployment_id', '=', 'deployment_revisions.deployment_id')
        .onRef('rollouts.revision', '=', 'deployment_revisions.revision'),
    )
    .innerJoin('rollout_members', 'rollout_members.rollout_id', 'rollouts.id')
    .innerJoin('devices', 'devices.id', 'rollout_members.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select(['devices.id', 'devices.name', 'sites.name as site', 'rollout_members.cause'])
    .select(['rollouts.id as rollout', 'rollouts.created_at_ms as startedAtMs'])
    .where('deployment_revisions.organisation_id', '=', organisationId)
    .where('deployment_revisions.name', '=', deployable)
    .where('deployment_revisions.version', '=', version)
    .where('rollout_members.leaving', 'is', null)
    .where('rollout_members.outcome', 'in', [...FAILURE_KINDS.filter((kind) => kind !== 'timed-out'), 'tolerated'])
    .orderBy('devices.name')
    .limit(ROWS_MAX)
    .execute()

type Standing = { deploymentId: DeploymentId; deviceId: DeviceId; revision: number }

/** The newest failure of the device under an earlier revision of the deployment; undefined if there is none. */
export async function earlierFailure(db: Db, { deploymentId, deviceId, revision }: Standing) {
  const found = await db
    .selectFrom('rollouts')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'rollouts.deployment_id')
        .onRef('deployment_revisions.revision', '=', 'rollouts.revision'),
    )
    .innerJoin('rollout_members', 'rollout_members.rollout_id', 'rollouts.id')
    .select(['rollouts.revision', 'deployment_revisions.version', 'rollout_members.cause'])
    .where('rollouts.deployment_id', '=', deploymentId)
    .where('rollouts.revision', '<', revision)
    .where('rollout_members.device_id', '=', deviceId)
    .where('rollout_members.leaving', 'is', null)
    .where('rollout_members.outcome', 'in', [...FAILURE_KINDS])
    .orderBy('rollouts.revision', 'desc')
    .executeTakeFirst()
  return found && { ...found, cause: found.cause === null ? undefined : fromJson(found.cause) }
}
