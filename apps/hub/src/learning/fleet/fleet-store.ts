/** Fleet store: orders by which each of several machines learns. The newest of a name is the one that people mean. */
import type { LearningPhase } from '@skerry/contract/learning/learning'
import type { JointDetector, LearningFleet, LearningFleetMember } from '@skerry/contract/learning/learning-fleet'
import type { LearningFleetId, OrganisationId } from '@skerry/contract/values/ids'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { findDeployment } from '../../deployments/deployment-store.ts'
import { problem } from '../../http/problem.ts'
import { fromJson } from '../../store/json-column.ts'
import { padded } from '../../store/many-rows.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { LearningFleetTable, LearningTable } from '../../store/tables/learning/learning-tables.ts'
import { learningOf } from '../learning-store.ts'

type FleetPage = { organisationId: OrganisationId; limit: number; after: string | undefined }

/** One page, the newest first. `after` is the id of the last one of the page before. */
export const listLearningFleets = (
  db: Db,
  { organisationId, limit, after }: FleetPage,
): Promise<LearningFleetTable[]> =>
  db
    .selectFrom('learning_fleets')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) =>
      select.where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('learning_fleets.created_at_ms', 'learning_fleets.id'),
          '<',
          selectFrom('learning_fleets as last')
            .select(['last.created_at_ms', 'last.id'])
            .where('last.organisation_id', '=', organisationId)
            .where('last.id', '=', (after ?? '') as LearningFleetId)
            .$asTuple('created_at_ms', 'id'),
        ),
      ),
    )
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** The newest of the name. Undefined if the organisation has none. */
export const findLearningFleet = (
  db: Db,
  { organisationId, name }: { organisationId: OrganisationId; name: string },
): Promise<LearningFleetTable | undefined> =>
  db
    .selectFrom('learning_fleets')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()

/** The newest of the name. Throws if the organisation has none. */
export async function knownLearningFleet(
  db: Db,
  of: { organisationId: OrganisationId; name: string },
): Promise<LearningFleetTable> {
  const row = await findLearningFleet(db, of)
  if (!row) throw problem('learning_fleet_unknown')
  return row
}

/** The name of the order of a learning. */
export async function fleetNameOf(db: Db, { fleet_id: id }: LearningTable): Promise<string | undefined> {
  if (!id) return undefined
  const row = await db.selectFrom('learning_fleets').select('name').where('id', '=', id).executeTakeFirst()
  return row?.name
}

export async function insertLearningFleet(tx: Tx, row: LearningFleetTable): Promise<void> {
  await tx.insertInto('learning_fleets').values(row).execute()
}

/** By name, which begins with that of the order, so by device. */
export const learningsOfFleet = (db: Db, id: LearningFleetId): Promise<LearningTable[]> =>
  db.selectFrom('learnings').selectAll().where('fleet_id', '=', id).orderBy('name').execute()

type Phases = LearningFleet['phases']

/** The learnings of each order, counted by phase. */
export async function phasesOf(db: Db, ids: readonly LearningFleetId[]): Promise<ReadonlyMap<LearningFleetId, Phases>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('learnings')
    .select(['fleet_id', 'phase', ({ fn }) => fn.countAll<number>().as('count')])
    .where('fleet_id', 'in', padded(ids))
    .groupBy(['fleet_id', 'phase'])
    .execute()
  const found = new Map<LearningFleetId, Partial<Record<LearningPhase, number>>>()
  for (const { fleet_id: id, phase, count } of rows) if (id) found.set(id, { ...found.get(id), [phase]: Number(count) })
  return found
}

/** The order as the API shows it in a list. */
export function learningFleetOf(row: LearningFleetTable, phases: Phases | undefined): LearningFleet {
  const joint = jointOf(row)
  return {
    id: row.id,
    spec: fromJson(row.spec),
    phases: phases ?? {},
    leftOut: fromJson(row.left_out),
    ...(joint && { joint }),
    createdAtMs: Number(row.created_at_ms),
    createdBy: row.created_by,
  }
}

/** Without the numbers that devices have joined. */
function jointOf({ together }: LearningFleetTable): JointDetector | undefined {
  if (!together) return undefined
  const { campaign: _campaign, joint: _joint, ...facts } = fromJson(together)
  return facts
}

/** The order with the state of each machine. */
export async function learningFleetView(db: Db, row: LearningFleetTable): Promise<LearningFleet> {
  const learnings = await learningsOfFleet(db, row.id)
  const phases = await phasesOf(db, [row.id])
  const view = learningFleetOf(row, phases.get(row.id))
  if (view.joint) {
    const deployed = await devicesOfJoint(db, row, view.joint)
    return { ...view, members: learnings.map((one) => jointMemberOf(one, view.joint ?? {}, deployed)) }
  }
  const names = learnings.map(({ name }) => alarmFlowName(name))
  const versions = await deployedVersions(db, row.organisation_id, names)
  return { ...view, members: learnings.map((one) => memberOf(one, versions)) }
}

/** The selector of the deployment, if it has the joint detector and its alarm now. */
async function devicesOfJoint(
  db: Db,
  { organisation_id: organisationId, name }: LearningFleetTable,
  { modelVersion, flowVersion }: JointDetector,
): Promise<string> {
  const model = await findDeployment(db, organisationId, name)
  const alarm = await findDeployment(db, organisationId, alarmFlowName(name))
  const isDeployed = modelVersion !== undefined && model?.version === modelVersion && alarm?.version === flowVersion
  return isDeployed ? model.spec.selector : ''
}

function jointMemberOf(row: LearningTable, joint: JointDetector, deployed: string): LearningFleetMember {
  const { modelVersion: _model, flowVersion: _flow, ...member } = memberOf(row, new Map())
  const { modelVersion, flowVersion } = member.phase === 'done' ? joint : {}
  return {
    ...member,
    ...(modelVersion !== undefined && { modelVersion }),
    ...(flowVersion !== undefined && { flowVersion }),
    isDeployed: modelVersion !== undefined && deployed.includes(JSON.stringify(member.device)),
  }
}

/** The version that each deployment has now, by its name. A detector without its alarm is not deployed. */
async function deployedVersions(
  db: Db,
  organisationId: OrganisationId,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (names.length === 0) return new Map()
  const models = names.map((name) => name.slice(0, -alarmFlowName('').length))
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'deployments.id')
        .onRef('deployment_revisions.revision', '=', 'deployments.revision'),
    )
    .select(['deployments.name', 'deployment_revisions.version'])
    .where('deployments.organisation_id', '=', organisationId)
    .where('deployments.name', 'in', padded([...names, ...models]))
    .execute()
  return new Map(rows.map(({ name, version }) => [name, version]))
}

function memberOf(row: LearningTable, versions: ReadonlyMap<string, number>): LearningFleetMember {
  const { spec, phase, rows, rowsWanted, reason, outcome, modelVersion, flowVersion } = learningOf(row)
  const chosen = outcome?.candidates.find(({ kind }) => kind === outcome.chosen)
  return {
    device: spec.device,
    learning: spec.name,
    phase,
    rows,
    rowsWanted,
    ...(reason !== undefined && { reason }),
    ...(chosen && { chosen: chosen.kind, auc: chosen.auc }),
    ...(outcome?.shadow && { shadowAlarms: outcome.shadow.alarms }),
    ...(modelVersion !== undefined && { modelVersion }),
    ...(flowVersion !== undefined && { flowVersion }),
    isDeployed:
      modelVersion !== undefined &&
      versions.get(spec.name) === modelVersion &&
      versions.get(alarmFlowName(spec.name)) === flowVersion,
  }
}
