/** Population: which devices a deployment picks, judged over the whole fleet; asked when it is planned or applied. */
import { setImmediate } from 'node:timers/promises'
import type { DeviceId } from '@skerry/contract/values/ids'
import { type PlacementCheck, type PlacementNeeds, placementProblem } from '@skerry/core/deployments/placement'
import { compareAge } from '@skerry/core/devices/desired'
import type { Candidate } from '@skerry/core/rollouts/waves'
import { type DeviceRow, factsOf, listDevices } from '../devices/device-store.ts'
import { hasLeftSql } from '../rollouts/leaving-rows.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { DeploymentInForce } from './deployment-store.ts'
import { storedSelector } from './selector-cache.ts'

/** What picks devices: a deployment in force, or one that is about to be. */
export type Picking = Pick<
  DeploymentInForce,
  'id' | 'organisationId' | 'createdAtMs' | 'model' | 'kind' | 'opset' | 'digest' | 'sizeBytes'
> & { spec: { selector: string } }

/** With the codes of the trouble that it names about itself. */
export type PickedDevice = Candidate & { name: string; site: string; conditions: readonly string[] }
export type RefusedDevice = { id: DeviceId; name: string; site: string; problem: PlacementCheck }

/** `refused` are those that the selector means and another check refuses. */
export type Population = { picked: PickedDevice[]; refused: RefusedDevice[] }

/** Rows that are looked at in one go; each costs some 20 us to judge. */
const SCAN_ROWS = 500

/** Judges every device of the organisation. */
export async function populationOf(db: Db, picking: Picking, nowMs: number): Promise<Population> {
  const { organisationId } = picking
  const [owners, holders] = await Promise.all([olderOwners(db, picking), holdersOf(db, picking)])
  const needs = needsOf(picking)
  const population: Population = { picked: [], refused: [] }
  let after: string | undefined
  while (true) {
    const rows = await listDevices(db, { organisationId, limit: SCAN_ROWS, after })
    for (const row of rows) {
      const owner = owners.get(row.id)
      judge(population, row, { needs, owner, missingBytes: holders.has(row.id) ? 0 : picking.sizeBytes, nowMs })
    }
    if (rows.length < SCAN_ROWS) return population
    // A database in the process answers at once: nobody else would get a turn before the whole fleet has been looked at.
    await setImmediate()
    after = rows.at(-1)?.name
  }
}

type Question = { needs: PlacementNeeds; owner: string | undefined; missingBytes: number; nowMs: number }

function judge({ picked, refused }: Population, row: DeviceRow, question: Question): void {
  const { id, name, site } = row
  const facts = factsOf(row, question.nowMs)
  const problem = problemOf(row, facts, question)
  if (!problem) picked.push({ deviceId: id, facts, name, site, conditions: conditionsOf(row) })
  else if (problem.code !== 'selector_mismatch') refused.push({ id, name, site, problem })
}

const conditionsOf = ({ conditions }: DeviceRow) =>
  conditions === null ? [] : fromJson(conditions).map(({ code }) => code)

/** Why the device is not picked; undefined when it is. */
export function problemOf(
  row: DeviceRow,
  facts: Candidate['facts'],
  { needs, owner, missingBytes }: Omit<Question, 'nowMs'>,
): PlacementCheck | undefined {
  const inventory = row.inventory === null ? undefined : fromJson(row.inventory)
  return placementProblem({ facts, inventory, owner, missingBytes }, needs)
}

/** What the deployment asks of a device. */
export const needsOf = ({ spec, model, kind, opset }: Picking): PlacementNeeds => ({
  selector: storedSelector(spec.selector),
  model,
  kind,
  opset,
})

/** Devices on which an older deployment owns the model's name, with that deployment's name. */
export async function olderOwners(db: Db, picking: Picking): Promise<Map<DeviceId, string>> {
  const rivals = await rivalMembers(db, picking)
  const older = rivals.filter(({ id, createdAtMs }) => compareAge({ id, createdAtMs }, picking) < 0)
  return new Map(older.map(({ deviceId, name }) => [deviceId, name]))
}

/** The devices of every other deployment that serves the model's name; those that it has given up are free. */
export function rivalMembers(db: Db, { organisationId, id, model }: Pick<Picking, 'organisationId' | 'id' | 'model'>) {
  return db
    .selectFrom('deployments')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'deployments.id')
        .onRef('deployment_revisions.revision', '=', 'deployments.revision'),
    )
    .innerJoin('rollout_members', 'rollout_members.rollout_id', 'deployments.rollout_id')
    .innerJoin('rollouts', 'rollouts.id', 'deployments.rollout_id')
    .select([
      'deployments.id',
      'deployments.name',
      'deployments.created_at_ms as createdAtMs',
      'rollout_members.device_id as deviceId',
    ])
    .where('deployments.organisation_id', '=', organisationId)
    .where('deployment_revisions.model', '=', model)
    .where('deployments.id', '<>', id)
    .where((eb) => eb.not(hasLeftSql))
    .execute()
}

/** Devices that serve the version's content already, so that nothing has to come. */
export async function holdersOf(db: Db, { organisationId, model, digest }: Picking): Promise<Set<DeviceId>> {
  if (digest === undefined) return new Set()
  const rows = await db
    .selectFrom('device_items')
    .select('device_id')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', model)
    .where('serving_digest', '=', digest)
    .execute()
  return new Set(rows.map(({ device_id }) => device_id))
}
