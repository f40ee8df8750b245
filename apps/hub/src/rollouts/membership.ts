/**
 * Membership: updates the devices of each deployment's newest rollout to match its selection, one device at a time. It
 * runs when a device has changed, and for every device in turn, so that a lost event only causes a delay.
 */
import type { DeviceStatus } from '@skerry/contract/devices/device'
import type { DeploymentId, DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import type { PlacementCheck } from '@skerry/core/deployments/placement'
import { isRefused, quarantineMove } from '@skerry/core/devices/quarantine'
import { DATA_CLASS_VIOLATED } from '@skerry/core/places/data-class'
import { groupOf } from '@skerry/core/rollouts/offer-budget'
import type { RolloutEvent } from '@skerry/core/rollouts/rollout'
import { hasLeft, isEnded } from '@skerry/core/rollouts/rollout-state'
import { sizeOf } from '@skerry/core/rollouts/wave-verdict'
import { type CompiledWave, lateWave } from '@skerry/core/rollouts/waves'
import type { SelectorFacts } from '@skerry/core/selectors/selector'
import type { DeploymentInForce } from '../deployments/deployment-store.ts'
import { classStanding, missingBytesOf, needsOf, ownedNames, problemOf } from '../deployments/population.ts'
import { storedSelector } from '../deployments/selector-cache.ts'
import { queueDevices } from '../desired/desired-queue.ts'
import { type DeviceRow, factsOf } from '../devices/device-store.ts'
import type { DataRules } from '../places/data-rules.ts'
import type { Tx } from '../store/store.ts'
import type { RolloutMemberTable } from '../store/tables/deployment-tables.ts'
import { type DeviceStanding, type MemberStanding, membersOf } from './device-standings.ts'
import { raiseSequence } from './engine/member-evidence.ts'
import { deleteMember, insertMembers } from './member-store.ts'
import { sendEvents } from './rollout-step.ts'
import { findRollout, type RolloutRecord } from './rollout-store.ts'

/**
 * The problems that remove a device from a deployment. Other problems only keep a new device out: the device itself
 * judges a full disk or an older runtime, and a person decides a conflict.
 */
const LEAVING = new Set([
  'selector_mismatch',
  'selector_failed',
  'device_pending',
  'device_revoked',
  'model_owned',
  'not_placed',
  // A rule of data is worth more than an answer.
  DATA_CLASS_VIOLATED,
])

/** Whether the hub sends the device no deployment at all, so that no removal can be expected. */
const isGone = (status: DeviceStatus) => status === 'pending' || status === 'wiping' || isRefused(status)

/** Whether the deployment stays on its device in spite of the problem. */
export const isBearable = (problem: PlacementCheck | undefined): boolean =>
  problem === undefined || !LEAVING.has(problem.code)

export type MembershipScope = {
  organisationId: OrganisationId
  /** Oldest first: if two want one model's name, the older owns it. */
  deployments: readonly DeploymentInForce[]
  dataRules: DataRules
  nowMs: number
}

/** Adds each deployment to the device, or removes it. Returns the changed rollouts. */
export async function reconcileDevice(
  tx: Tx,
  row: DeviceRow,
  { members, held, picks, conflicts: before }: DeviceStanding,
  scope: MembershipScope,
): Promise<RolloutId[]> {
  const { deployments, dataRules, nowMs } = scope
  const facts = factsOf(row, nowMs)
  const owners = new Map<string, string>()
  const conflicts: DeploymentId[] = []
  const changed: RolloutId[] = []
  for (const deployment of deployments) {
    const { rolloutId } = deployment
    const member = members.get(rolloutId)
    const { form } = classStanding(deployment, row)
    const missingBytes = missingBytesOf(deployment, form, (one) => held.get(one))
    const placed = deployment.spec.placement && picks.has(deployment.id)
    const owner = ownerAmong(owners, deployment)
    const dataViolation = (await dataRules.of(deployment))(row)
    const question = { needs: needsOf(deployment), owner, missingBytes, dataViolation, placed }
    const problem = problemOf(row, facts, question)
    const verdict = verdictOf(member, problem, row.status)
    if (verdict.owns) claimNames(owners, deployment)
    if (problem?.code === 'model_owned') conflicts.push(deployment.id)
    if (verdict.moves.length === 0) continue
    changed.push(rolloutId)
    if (member) await leave(tx, { member, scope })
    if (verdict.moves.includes('join')) await join(tx, { deployment, deviceId: row.id, facts, scope, member })
  }
  await keepConflicts(tx, { deviceId: row.id, organisationId: scope.organisationId, before, conflicts })
  return [...changed, ...(await moveQuarantined(tx, row, { members, scope }))]
}

/** The older deployment that owns one of the names on the device. */
const ownerAmong = (owners: ReadonlyMap<string, string>, deployment: DeploymentInForce): string | undefined =>
  ownedNames(deployment)
    .map((name) => owners.get(name))
    .find((owner) => owner !== undefined)

function claimNames(owners: Map<string, string>, deployment: DeploymentInForce): void {
  for (const name of ownedNames(deployment)) owners.set(name, deployment.name)
}

type Verdict = { owns: boolean; moves: readonly ('leave' | 'join')[] }

/**
 * Decides whether the deployment owns the model's name on the device, and how its row changes. A device that leaves by
 * a new revision stays in its wave until its time comes. If the deployment selects it again, it joins as a late one. A
 * device whose own labels change leaves at once.
 */
function verdictOf(
  member: MemberStanding | undefined,
  problem: PlacementCheck | undefined,
  status: DeviceStatus,
): Verdict {
  if (!member) return { owns: problem === undefined, moves: problem === undefined ? ['join'] : [] }
  if (!member.leaving) return isBearable(problem) ? { owns: true, moves: [] } : { owns: false, moves: ['leave'] }
  if (problem === undefined) return { owns: true, moves: ['leave', 'join'] }
  // The selector is checked first, so a device that does not match it has no other problem.
  if (isGone(status) || problem.code === 'model_owned') return { owns: false, moves: ['leave'] }
  return { owns: !hasLeft({ status: member.rollout_status, removalWave: member.wave }, member), moves: [] }
}

/** Removes a deleted device from all rollouts. Returns the changed rollouts. */
export async function forgetDevice(tx: Tx, deviceId: DeviceId, nowMs: number): Promise<RolloutId[]> {
  const members = await membersOf(tx, [deviceId])
  for (const member of members) {
    await leave(tx, { member, scope: { organisationId: member.organisation_id, nowMs } })
  }
  await tx.deleteFrom('deployment_conflicts').where('device_id', '=', deviceId).execute()
  await tx.deleteFrom('rollout_members').where('device_id', '=', deviceId).execute()
  await tx.deleteFrom('desired_queue').where('device_id', '=', deviceId).execute()
  return members.map(({ rollout_id }) => rollout_id)
}

type Leaving = {
  member: Pick<RolloutMemberTable, 'rollout_id' | 'device_id'>
  scope: Pick<MembershipScope, 'organisationId' | 'nowMs'>
}

/**
 * Uses the present state of the row. Since it was read, an event of another device in the same transaction may have
 * made an offer to this one.
 */
async function leave(tx: Tx, { member: { rollout_id, device_id }, scope }: Leaving): Promise<void> {
  const { organisationId, nowMs } = scope
  const member = await deleteMember(tx, rollout_id, device_id)
  if (!member) return
  await raiseSequence(tx, rollout_id)
  const rollout = await knownRollout(tx, organisationId, rollout_id)
  await sendEvents(tx, rollout, [{ kind: 'leave', member }], nowMs)
  await queueDevices(tx, organisationId, [device_id])
}

type Moving = { members: ReadonlyMap<RolloutId, MemberStanding>; scope: MembershipScope }

/** Skips the rows of a quarantined device, or restores them. Returns the changed rollouts. */
async function moveQuarantined(tx: Tx, device: DeviceRow, { members, scope }: Moving): Promise<RolloutId[]> {
  const { organisationId, nowMs } = scope
  const deviceId = device.id
  const isQuarantined = device.status === 'quarantined'
  const changed: RolloutId[] = []
  // Most devices are not in quarantine and have no skipped rows: for them, no further row is read.
  if (!isQuarantined && ![...members.values()].some(({ outcome }) => outcome === 'skipped')) return changed
  for (const { rollout_id, wave, outcome } of await membersOf(tx, [deviceId])) {
    const rollout = await knownRollout(tx, organisationId, rollout_id)
    const member = { wave, outcome }
    const kind = quarantineMove({ ...rollout, member, isQuarantined })
    if (!kind) continue
    await sendEvents(tx, rollout, [{ kind, deviceId, member }], nowMs)
    changed.push(rollout_id)
  }
  return changed
}

type Joining = {
  deployment: DeploymentInForce
  deviceId: DeviceId
  facts: SelectorFacts
  scope: MembershipScope
  /** The row that the device had while it was leaving. */
  member: MemberStanding | undefined
}

async function join(tx: Tx, { deployment, deviceId, facts, scope, member }: Joining): Promise<void> {
  const { organisationId, nowMs } = scope
  const rollout = await knownRollout(tx, organisationId, deployment.rolloutId)
  const wave = waveFor(rollout, facts)
  const sequence = await raiseSequence(tx, rollout.id)
  const row = {
    ...memberRow({
      organisationId,
      rolloutId: rollout.id,
      deviceId,
      wave,
      budgetGroup: groupOf(rollout.plan.budget, facts),
      // If the rollout is complete, the device gets no earlier revision back before its turn.
      previousRevision: rollout.state.status === 'done' ? undefined : (member?.previous_revision ?? undefined),
    }),
    sequence,
  }
  await insertMembers(tx, [row])
  const event: RolloutEvent = { kind: 'join', wave }
  await sendEvents(tx, rollout, [event], nowMs)
  await queueDevices(tx, organisationId, [deviceId])
}

/** Past the last wave if the rollout has ended: the end decides the device's version, and the device is not counted. */
function waveFor({ plan, state }: RolloutRecord, facts: SelectorFacts): number {
  if (isEnded(state)) return plan.waves.length
  const waves: CompiledWave[] = plan.waves.map((wave) => ({
    ...wave,
    matches: storedSelector(wave.selector ?? 'true').matches,
  }))
  const sizes = state.waves.map(sizeOf)
  return lateWave(waves, { facts, rule: plan.lateJoiners, sizeOf: (index) => sizes[index] ?? 0 })
}

type NewMember = {
  organisationId: OrganisationId
  rolloutId: RolloutId
  deviceId: DeviceId
  wave: number
  budgetGroup: string
  previousRevision?: number | undefined
  isLeaving?: boolean
}

/** A row in the state `waiting`. */
export const memberRow = (member: NewMember): RolloutMemberTable => ({
  rollout_id: member.rolloutId,
  device_id: member.deviceId,
  organisation_id: member.organisationId,
  wave: member.wave,
  outcome: 'waiting',
  budget_group: member.budgetGroup,
  retries: 0,
  retry_at_ms: null,
  previous_revision: member.previousRevision ?? null,
  offered_at_ms: null,
  offered_generation: null,
  held_until_ms: null,
  decided_at_ms: null,
  state: null,
  cause: null,
  held: null,
  shadow: null,
  leaving: member.isLeaving ? 1 : null,
  sequence: 0,
})

async function knownRollout(tx: Tx, organisationId: OrganisationId, rolloutId: RolloutId): Promise<RolloutRecord> {
  const rollout = await findRollout(tx, { organisationId, rolloutId })
  if (!rollout) throw new Error(`the deployment's rollout ${rolloutId} is missing`)
  return rollout
}

type DeviceConflicts = {
  deviceId: DeviceId
  organisationId: OrganisationId
  before: ReadonlySet<DeploymentId>
  conflicts: readonly DeploymentId[]
}

async function keepConflicts(tx: Tx, { deviceId, organisationId, before, conflicts }: DeviceConflicts): Promise<void> {
  if (before.size === conflicts.length && conflicts.every((id) => before.has(id))) return
  await tx.deleteFrom('deployment_conflicts').where('device_id', '=', deviceId).execute()
  for (const id of conflicts) {
    const row = { deployment_id: id, device_id: deviceId, organisation_id: organisationId }
    await tx.insertInto('deployment_conflicts').values(row).execute()
  }
}
