/**
 * Version count store: the wanted and the running versions of many deployments, in a few grouped queries for a whole
 * list. `device_items_by_running` has all columns that the count of a large fleet reads.
 */
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import type { RunningCounts, VersionCounts } from '@skerry/contract/rollouts/version-counts'
import type { DeploymentId, RolloutId } from '@skerry/contract/values/ids'
import type { RolloutState } from '@skerry/core/rollouts/rollout-state'
import {
  type BuildRow,
  buildCounts,
  joinedLater,
  type MemberGroup,
  type RunningRow,
  runningCounts,
  unofferedOutcomes,
  wantedCounts,
} from '@skerry/core/rollouts/views/version-counts'
import { sql } from 'kysely'
import { namedBuilds } from '../builds/named-build-store.ts'
import { silentDevices } from '../devices/silent-device-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { RolloutTable } from '../store/tables/deployment-tables.ts'
import { runningSystems } from '../systems/running-system-store.ts'

/** A rollout in force, with the rows of its devices that its counters do not describe. */
export type RolloutInForce = Pick<RolloutTable, 'id' | 'deployment_id' | 'revision' | 'status'> & {
  state: RolloutState
  stableRevision: number | undefined
  rollbackTo: number | undefined
  groups: MemberGroup[]
}

/** The rollouts in force of these deployments. */
export async function rolloutsInForce(db: Db, ids: readonly DeploymentId[]): Promise<RolloutInForce[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('rollouts', 'rollouts.id', 'deployments.rollout_id')
    .select(['rollouts.id', 'rollouts.deployment_id', 'rollouts.revision', 'rollouts.status', 'rollouts.state'])
    .select(['rollouts.plan', 'deployments.stable_revision'])
    .where('deployments.id', 'in', ids)
    .execute()
  const rollouts = rows.map(({ state, plan, stable_revision, ...row }) => ({
    ...row,
    state: fromJson(state),
    stableRevision: stable_revision ?? undefined,
    rollbackTo: fromJson(plan).rollbackTo,
  }))
  const [late, unoffered] = await Promise.all([lateGroups(db, rollouts), unofferedGroups(db, rollouts)])
  return rollouts.map((rollout) => {
    const waves = rollout.state.waves.length
    const counted = (unoffered.get(rollout.id) ?? []).filter(({ wave }) => wave < waves)
    return { ...rollout, groups: [...counted, ...(late.get(rollout.id) ?? [])] }
  })
}

type Counted = { id: RolloutId; state: RolloutState }
type Waved = { id: RolloutId; state: { waves: readonly unknown[] } }

/** The rows past the last wave of each rollout: of devices that joined late. One range of an index for each rollout. */
async function lateGroups(db: Db, rollouts: readonly Waved[]): Promise<Map<RolloutId, MemberGroup[]>> {
  const ids = rollouts.map(({ id }) => id)
  const wavesOf = new Map(rollouts.map(({ id, state }) => [id, state.waves.length]))
  const found = await memberGroups(groupedMembers(db, ids).where('wave', '>=', Math.min(...wavesOf.values())))
  return new Map([...found].map(([id, groups]) => [id, groups.filter(({ wave }) => wave >= (wavesOf.get(id) ?? 0))]))
}

/** The rows of devices that are not offered the revision. A rollout that is done has none, and is not read. */
async function unofferedGroups(db: Db, rollouts: readonly Counted[]): Promise<Map<RolloutId, MemberGroup[]>> {
  const open = rollouts
    .map(({ id, state }) => ({ id, outcomes: unofferedOutcomes(state) }))
    .filter(({ outcomes }) => outcomes.length > 0)
  if (open.length === 0) return new Map()
  const outcomes = [...new Set(open.flatMap((rollout) => rollout.outcomes))]
  const ids = open.map(({ id }) => id)
  return memberGroups(groupedMembers(db, ids).where('outcome', 'in', outcomes))
}

const groupedMembers = (db: Db, ids: readonly RolloutId[]) =>
  db
    .selectFrom('rollout_members')
    .select(['rollout_id', 'wave', 'outcome', 'previous_revision'])
    .select(({ fn }) => fn.countAll<number>().as('devices'))
    .where('rollout_id', 'in', ids)
    .groupBy(['rollout_id', 'wave', 'outcome', 'previous_revision'])

async function memberGroups(query: ReturnType<typeof groupedMembers>): Promise<Map<RolloutId, MemberGroup[]>> {
  const groups = new Map<RolloutId, MemberGroup[]>()
  for (const { rollout_id, wave, outcome, previous_revision, devices } of await query.execute()) {
    const group = { wave, outcome, previousRevision: previous_revision ?? undefined, devices }
    groups.set(rollout_id, [...(groups.get(rollout_id) ?? []), group])
  }
  return groups
}

type WantedAndRunning = { wanted: VersionCounts; running: RunningCounts }

/** What the devices of each deployment should run, and what they run by their last reports. */
export async function versionCounts(
  db: Db,
  rollouts: readonly RolloutInForce[],
  nowMs: number,
): Promise<Map<DeploymentId, WantedAndRunning>> {
  if (rollouts.length === 0) return new Map()
  const ids = rollouts.map(({ deployment_id }) => deployment_id)
  const [revisions, running] = await Promise.all([revisionVersions(db, ids), runningRows(db, ids, nowMs)])
  const builds = await runningBuilds(db, buildUsers(revisions))
  return new Map(
    rollouts.map(({ deployment_id: id, state, revision, stableRevision, groups }) => {
      const revisionOf = (of: number) => revisions.get(`${id} ${of}`)
      const versionOf = (of: number) => revisionOf(of)?.version
      const recipeOf = (of: number) => revisionOf(of)?.recipe
      const wanted = wantedCounts({ state, revision, stableRevision, groups, versionOf, recipeOf })
      const counts = runningCounts(running.get(id) ?? [], wanted)
      return [id, { wanted, running: { ...counts, ...buildCounts(builds.get(id) ?? []) } }]
    }),
  )
}

/**
 * The rollouts with the devices that no wave counts. A rollout in force also has the versions on its devices now; those
 * of an earlier one are no longer its own.
 */
export async function withVersionCounts(db: Db, rollouts: readonly Rollout[], nowMs: number): Promise<Rollout[]> {
  if (rollouts.length === 0) return []
  const ids = new Set(rollouts.map(({ id }) => id))
  const all = await rolloutsInForce(db, [...new Set(rollouts.map(({ deploymentId }) => deploymentId))])
  const inForce = new Map(all.filter(({ id }) => ids.has(id)).map((one) => [one.id, one]))
  const counts = await versionCounts(db, [...inForce.values()], nowMs)
  const late = await lateGroups(
    db,
    rollouts.map(({ id, waves }) => ({ id, state: { waves } })),
  )
  return rollouts.map((rollout) => {
    const later = joinedLater(rollout, late.get(rollout.id) ?? [])
    return {
      ...rollout,
      ...(later && { joinedLater: later }),
      ...(inForce.has(rollout.id) && counts.get(rollout.deploymentId)),
    }
  })
}

type RevisionForm = { deploymentId: DeploymentId; version: number; recipe: string | undefined }

/** The version of each kept revision, and its build. */
async function revisionVersions(db: Db, ids: readonly DeploymentId[]): Promise<Map<string, RevisionForm>> {
  const rows = await db
    .selectFrom('deployment_revisions')
    .leftJoin('builds', 'builds.id', 'deployment_revisions.build_id')
    .select(['deployment_id', 'revision', 'version', 'recipe', 'build_choices', 'spec'])
    .where('deployment_id', 'in', ids)
    .execute()
  return new Map(
    rows.map(({ deployment_id: deploymentId, revision, version, recipe, build_choices, spec }) => [
      `${deploymentId} ${revision}`,
      { deploymentId, version, recipe: recipe ?? (build_choices === null ? undefined : fromJson(spec).build) },
    ]),
  )
}

/** The deployments of which some revision has a build. */
const buildUsers = (revisions: ReadonlyMap<string, RevisionForm>): DeploymentId[] => [
  ...new Set(
    [...revisions.values()].flatMap(({ deploymentId, recipe }) => (recipe === undefined ? [] : [deploymentId])),
  ),
]

/** The builds that the devices of these deployments serve. Only they are read by digest, which no index has. */
async function runningBuilds(db: Db, ids: readonly DeploymentId[]): Promise<Map<DeploymentId, BuildRow[]>> {
  const found = new Map<DeploymentId, BuildRow[]>()
  if (ids.length === 0) return found
  const rows = await db
    .selectFrom('device_items')
    .innerJoin('devices', 'devices.id', 'device_items.device_id')
    .select(['deployment_id', 'device_items.organisation_id', 'serving_version', 'serving_digest'])
    .select(({ fn }) => fn.countAll<number>().as('devices'))
    .where('deployment_id', 'in', ids)
    .where('serving_version', 'is not', null)
    .where('devices.status', 'not in', ['revoked', 'wiped', 'wiping'])
    .groupBy(['deployment_id', 'device_items.organisation_id', 'serving_version', 'serving_digest'])
    .execute()
  const [first] = rows
  if (!first) return found
  const digests = rows.flatMap(({ serving_digest }) => (serving_digest === null ? [] : [serving_digest]))
  // All deployments of a list belong to one organisation.
  const named = await namedBuilds(db, { organisationId: first.organisation_id, digests, hardwareClass: undefined })
  for (const { deployment_id, serving_version, serving_digest, devices } of rows) {
    const recipe = serving_digest === null ? undefined : named.get(serving_digest)?.recipe
    const before = found.get(deployment_id) ?? []
    found.set(deployment_id, [...before, { version: serving_version ?? 1, recipe, devices }])
  }
  return found
}

async function runningRows(
  db: Db,
  ids: readonly DeploymentId[],
  nowMs: number,
): Promise<Map<DeploymentId, RunningRow[]>> {
  const reported = await reportedRows(db).where('deployment_id', 'in', ids).execute()
  const running = new Map<DeploymentId, RunningRow[]>(ids.map((id) => [id, []]))
  for (const { deployment_id, serving_version, devices, failed } of [...reported, ...(await goneRows(db))]) {
    running.get(deployment_id)?.push({ version: serving_version ?? undefined, devices, failed })
  }
  for (const { deployment_id, serving_version, silent } of await silentRows(db, ids, nowMs)) {
    running.get(deployment_id)?.push({ version: serving_version ?? undefined, devices: 0, failed: 0, silent })
  }
  // The items of a system are its parts, which have versions of their own.
  for (const [id, counts] of await runningSystems(db, ids)) running.set(id, counts)
  return running
}

/** The silent devices by the version that they reported last. The query starts at these devices, as `goneRows` does. */
async function silentRows(db: Db, ids: readonly DeploymentId[], nowMs: number) {
  // All deployments of a list belong to one organisation.
  const first = await db.selectFrom('deployments').select('organisation_id').where('id', 'in', ids).executeTakeFirst()
  if (!first) return []
  return db
    .selectFrom('device_items')
    .select(['deployment_id', 'serving_version'])
    .select(({ fn }) => fn.countAll<number>().as('silent'))
    .where('organisation_id', '=', first.organisation_id)
    .where('device_id', 'in', silentDevices(db, first.organisation_id, nowMs))
    .groupBy(['deployment_id', 'serving_version'])
    .execute()
}

const reportedRows = (db: Db) =>
  db
    .selectFrom('device_items')
    .select(['deployment_id', 'serving_version'])
    .select(({ fn }) => [
      fn.countAll<number>().as('devices'),
      fn.countAll<number>().filterWhere('state', '=', 'failed').as('failed'),
    ])
    .groupBy(['deployment_id', 'serving_version'])

/**
 * The last reports of devices that nobody counts any more, as negative numbers. The query starts at `devices_ended`,
 * which has few rows. With a condition on the deployment it would read every report of the deployment.
 */
async function goneRows(db: Db) {
  const rows = await reportedRows(db)
    .where('device_id', 'in', (select) =>
      select
        .selectFrom('devices')
        .select('id')
        .where(sql<boolean>`status in ('revoked', 'wiped', 'wiping', 'quarantined')`)
        .where('status', '<>', 'quarantined'),
    )
    .execute()
  return rows.map(({ devices, failed, ...row }) => ({ ...row, devices: -devices, failed: -failed }))
}
