/**
 * Population: the devices that a deployment selects, judged over the whole fleet. It is computed when a deployment is
 * planned or applied.
 */
import { setImmediate } from 'node:timers/promises'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { DeviceId } from '@skerry/contract/values/ids'
import { type PlacementCheck, type PlacementNeeds, placementProblem } from '@skerry/core/deployments/placement'
import { compareAge } from '@skerry/core/devices/desired'
import type { DataViolation } from '@skerry/core/places/data-class'
import { isPlaced, type Placing, place } from '@skerry/core/places/place'
import type { Candidate } from '@skerry/core/rollouts/waves'
import { type ClassForm, classOfInventory } from '../builds/class-form-store.ts'
import { type DeviceRow, factsOf, listDevices } from '../devices/device-store.ts'
import { isConnected, silentSecondsOf } from '../devices/liveness.ts'
import { openDataRules } from '../places/data-rules.ts'
import { placeFacts } from '../places/place-facts.ts'
import { hasLeftSql } from '../rollouts/leaving-rows.ts'
import { scaledPlacement } from '../scaling/scale-store.ts'
import { fromJson } from '../store/json-column.ts'
import { padded } from '../store/many-rows.ts'
import type { Db } from '../store/store.ts'
import type { DeploymentInForce } from './deployment-store.ts'
import { storedSelector } from './selector-cache.ts'

/** The input of a selection: a deployment in force, or one that is about to be. */
export type Picking = Pick<
  DeploymentInForce,
  | 'id'
  | 'organisationId'
  | 'createdAtMs'
  | 'deployable'
  | 'kind'
  | 'version'
  | 'opset'
  | 'runtime'
  | 'digest'
  | 'sizeBytes'
  | 'forms'
  | 'choices'
  | 'parts'
> & {
  spec: Pick<DeploymentSpec, 'selector' | 'placement'>
  /** The selector with its groups expanded. */
  picks: string
}

/** A device with the codes of the problems that it reports about itself. */
export type PickedDevice = Candidate & {
  name: string
  site: string
  conditions: readonly string[]
  /** Seconds since the hub last heard it; 0 if it is connected. */
  silentSeconds: number
  /** Whether it is connected and reports. */
  isConnected: boolean
  /** Undefined if it is unknown, or if the deployment gives every class the same. */
  hardwareClass: string | undefined
  /** The build of its class; undefined if it gets the same as all other devices. */
  form: ClassForm | undefined
}
export type RefusedDevice = { id: DeviceId; name: string; site: string; problem: PlacementCheck }

/**
 * `refused`: the devices that match the selector and fail another check. `placing`: the decision of the policy, if there
 * is one; then `picked` has its devices only.
 */
export type Population = { picked: PickedDevice[]; refused: RefusedDevice[]; placing?: Placing }

/** Rows that one query reads. Judging one takes some 20 us. */
const SCAN_ROWS = 500

/** The devices that the deployment is to be on. */
export async function populationOf(db: Db, picking: Picking, nowMs: number): Promise<Population> {
  const { placement } = picking.spec
  const population = await selectedBy(db, picking, nowMs)
  if (!placement) return population
  const policy = await scaledPlacement(db, picking, placement)
  const placing = place(policy, await placeFacts(db, picking, { candidates: population.picked, nowMs }))
  const stays = new Set(placing.candidates.filter(isPlaced).map(({ candidate }) => candidate.id))
  return { ...population, picked: population.picked.filter(({ deviceId }) => stays.has(deviceId)), placing }
}

/** Judges every device of the organisation by all checks but the policy of the placement. */
export async function selectedBy(db: Db, picking: Picking, nowMs: number): Promise<Population> {
  const { organisationId } = picking
  const [owners, servedBy] = await Promise.all([olderOwners(db, picking), holdersOf(db, picking)])
  const judgeData = await (await openDataRules(db, organisationId)).of(picking)
  const needs = needsOf(picking)
  const population: Population = { picked: [], refused: [] }
  let after: string | undefined
  while (true) {
    const rows = await listDevices(db, { organisationId, limit: SCAN_ROWS, after })
    for (const row of rows) {
      const owner = owners.get(row.id)
      const standing = classStanding(picking, row)
      const missingBytes = missingBytesOf(picking, standing.form, servedBy(row.id))
      judge(population, row, { needs, owner, missingBytes, dataViolation: judgeData(row), nowMs, standing })
    }
    if (rows.length < SCAN_ROWS) return population
    // A database in the process answers at once. Without this pause no other work would run until the whole fleet is
    // judged.
    await setImmediate()
    after = rows.at(-1)?.name
  }
}

type Question = {
  needs: PlacementNeeds
  owner: string | undefined
  missingBytes: number
  dataViolation?: DataViolation | undefined
  /** Whether the policy of the placement has picked the device; undefined if there is no policy. */
  placed?: boolean | undefined
}
type Judging = Question & { nowMs: number; standing: ClassStanding }

function judge({ picked, refused }: Population, row: DeviceRow, question: Judging): void {
  const { id, name, site } = row
  const facts = factsOf(row, question.nowMs)
  const problem = problemOf(row, facts, question)
  if (!problem) {
    const silentSeconds = silentSecondsOf(row, question.nowMs)
    picked.push({
      deviceId: id,
      facts,
      name,
      site,
      conditions: conditionsOf(row),
      silentSeconds,
      isConnected: isConnected(row, question.nowMs),
      ...question.standing,
    })
  } else if (problem.code !== 'selector_mismatch') refused.push({ id, name, site, problem })
}

const conditionsOf = ({ conditions }: DeviceRow) =>
  conditions === null ? [] : fromJson(conditions).map(({ code }) => code)

/** The reason why the device is not selected; undefined if it is. */
export function problemOf(
  row: DeviceRow,
  facts: Candidate['facts'],
  { needs, ...asked }: Question,
): PlacementCheck | undefined {
  const inventory = row.inventory === null ? undefined : fromJson(row.inventory)
  return placementProblem({ facts, inventory, ...asked }, needs)
}

/** The requirements of the deployment on a device. */
export const needsOf = ({ picks, deployable, kind, opset, runtime, parts }: Picking): PlacementNeeds => ({
  selector: storedSelector(picks),
  deployable,
  kind,
  opset,
  runtime,
  parts,
})

/** The names that the deployment owns on its devices: of its version, or of the parts of a system. */
export const ownedNames = ({ deployable, parts }: Pick<Picking, 'deployable' | 'parts'>): string[] =>
  parts.length === 0 ? [deployable] : parts.map(({ name }) => name)

/** Devices on which an older deployment owns the model's name, with that deployment's name. */
export async function olderOwners(db: Db, picking: Picking): Promise<Map<DeviceId, string>> {
  const rivals = await rivalMembers(db, picking)
  const older = rivals.filter(({ id, createdAtMs }) => compareAge({ id, createdAtMs }, picking) < 0)
  return new Map(older.map(({ deviceId, name }) => [deviceId, name]))
}

/** The devices of every other deployment that owns one of these names, except those that it has left. */
export function rivalMembers(
  db: Db,
  { organisationId, id, ...owning }: Pick<Picking, 'organisationId' | 'id' | 'deployable' | 'parts'>,
) {
  const names = padded(ownedNames(owning))
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
    .where(({ eb, or, exists, selectFrom }) =>
      or([
        eb('deployment_revisions.name', 'in', names),
        exists(
          selectFrom('system_parts as part')
            .innerJoin('versions as release', 'release.id', 'part.version_id')
            .select('part.name')
            .whereRef('release.organisation_id', '=', 'deployments.organisation_id')
            .whereRef('release.name', '=', 'deployment_revisions.name')
            .whereRef('release.version', '=', 'deployment_revisions.version')
            .where('part.name', 'in', names),
        ),
      ]),
    )
    .where('deployments.id', '<>', id)
    .where((eb) => eb.not(hasLeftSql))
    .execute()
}

type ClassStanding = Pick<PickedDevice, 'hardwareClass' | 'form'>
type Choosing = Pick<DeploymentInForce, 'forms' | 'choices'>

/** The class of the device, and the build that it gets by it. Costs nothing if the deployment has no choices. */
export function classStanding({ choices, forms }: Choosing, { inventory }: DeviceRow): ClassStanding {
  if (!choices) return { hardwareClass: undefined, form: undefined }
  const hardwareClass = classOfInventory(inventory)
  return { hardwareClass, form: forms.find((form) => form.hardwareClass === hardwareClass) }
}

type Content = Pick<Picking, 'digest' | 'sizeBytes' | 'deployable' | 'parts'>

/** The content that a device serves under a name. */
export type ServedContent = (name: string) => string | null | undefined

/** The bytes to transfer to a device that serves these contents. A system moves only the parts that the device lacks. */
export function missingBytesOf(
  { digest, sizeBytes, deployable, parts }: Content,
  form: Pick<ClassForm, 'digest' | 'sizeBytes'> | undefined,
  servedBy: ServedContent,
): number {
  if (parts.length > 0)
    return parts.reduce((sum, part) => sum + (servedBy(part.name) === part.digest ? 0 : part.sizeBytes), 0)
  const content = form ?? { digest, sizeBytes }
  return content.digest !== undefined && servedBy(deployable) === content.digest ? 0 : content.sizeBytes
}

/** The contents that devices serve already, among those that the deployment gives them. */
export async function holdersOf(
  db: Db,
  { organisationId, digest, forms, ...owning }: Picking,
): Promise<(device: DeviceId) => ServedContent> {
  if (digest === undefined) return () => () => undefined
  const digests = [...new Set([digest, ...[...forms, ...owning.parts].map((one) => one.digest)])]
  const rows = await db
    .selectFrom('device_items')
    .select(['device_id', 'name', 'serving_digest'])
    .where('organisation_id', '=', organisationId)
    .where('name', 'in', padded(ownedNames(owning)))
    .where('serving_digest', 'in', padded(digests))
    .execute()
  const held = new Map(rows.map((row) => [`${row.device_id} ${row.name}`, row.serving_digest]))
  return (device) => (name) => held.get(`${device} ${name}`)
}
