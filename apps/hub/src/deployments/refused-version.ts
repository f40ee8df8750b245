/** Refused version: the devices that have failed or rejected a version before, as their rows of rollouts say. */
import type { DeploymentPlan } from '@skerry/contract/deployments/deployment'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { FAILURE_KINDS } from '@skerry/core/rollouts/wave-verdict'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

type Versioned = { organisationId: OrganisationId; model: string; version: number }
type Caution = DeploymentPlan['cautions'][number]

/** Names that a plan lists at most; the contract cuts its lists there. */
const NAMES_MAX = 500

/** Rows that are read: a version that more devices have refused needs no longer list. */
const ROWS_MAX = 1_000

/** A caution for a version that devices have refused, with the codes that they gave; nothing where none has. */
export async function refusedVersionCautions(db: Db, wanted: Versioned): Promise<Caution[]> {
  const rows = await refusals(db, wanted)
  if (rows.length === 0) return []
  const devices = new Map(rows.map(({ id, name, site }) => [id, { id, name, site }]))
  const codes = new Set(rows.map(({ cause }) => (cause === null ? 'no cause' : fromJson(cause).code)))
  const message = `rejected version ${wanted.version} before (${[...codes].sort().join(', ')}); "skerry deployment explain" shows the reason`
  const named = [...devices.values()].slice(0, NAMES_MAX)
  return [{ code: 'version_refused', message, count: devices.size, devices: named }]
}

/** Borne failures are counted, too: a person bore them in that rollout, and not in the next. */
const refusals = (db: Db, { organisationId, model, version }: Versioned) =>
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
    .where('deployment_revisions.organisation_id', '=', organisationId)
    .where('deployment_revisions.model', '=', model)
    .where('deployment_revisions.version', '=', version)
    .where('rollout_members.leaving', 'is', null)
    .where('rollout_members.outcome', 'in', [...FAILURE_KINDS.filter((kind) => kind !== 'timed-out'), 'tolerated'])
    .orderBy('devices.name')
    .limit(ROWS_MAX)
    .execute()
