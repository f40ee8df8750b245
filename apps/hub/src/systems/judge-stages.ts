/**
 * Judges stages: moves each device of a system release by one step when its report allows it, and tells the rollout
 * about devices that have the whole release, or return it. It reads levels, so it may run any number of times.
 */
import type { ItemReport } from '@skerry/contract/devices/item'
import type { DeviceId, RolloutId } from '@skerry/contract/values/ids'
import { isAbout } from '@skerry/core/devices/desired'
import { heldUntil } from '@skerry/core/devices/held-report'
import type { DeviceSaid } from '@skerry/core/rollouts/rollout-hearing'
import { advanceStage, isWhole, type PartsOf, releaseSteps, type Stage } from '@skerry/core/systems/stage'
import { appendAudit } from '../audit/audit-store.ts'
import { queueDevices } from '../desired/desired-queue.ts'
import { itemOf } from '../devices/device-store.ts'
import { type EvidenceScope, raiseSequence } from '../rollouts/engine/member-evidence.ts'
import { toJson } from '../store/json-column.ts'
import { padded } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import { partsOfRevisions } from './part-store.ts'
import { putStage, stageOf } from './stage-store.ts'

export type StageEvent = { row: StageRow; event: DeviceSaid }

/** Advances the stages in the scope. Returns the events for rollouts, and the rollouts whose rows have changed. */
export async function judgeStages(
  tx: Tx,
  scope: EvidenceScope,
  nowMs: number,
): Promise<{ events: StageEvent[]; changed: RolloutId[] }> {
  const rows = await rowsOf(tx, scope)
  const events: StageEvent[] = []
  const changed: RolloutId[] = []
  if (rows.length === 0) return { events, changed }
  const parts = await partsOfRevisions(tx, [...new Set(rows.map(({ deployment_id }) => deployment_id))])
  const reports = await reportsOf(tx, rows)
  for (const row of rows) {
    const partsOf: PartsOf = (revision) => parts(row.deployment_id, revision)
    const own = reports.get(`${row.device_id} ${row.deployment_id}`) ?? []
    const before = stageOf(row)
    const reportOf = (name: string) => own.find((item) => item.name === name)
    const stage = advanceStage(before, { deploymentId: row.deployment_id, partsOf, reportOf })
    if (stage !== before) await moveOn(tx, row, { before, stage, partsOf, nowMs })
    const event = eventOf(row, { stage, partsOf, reportOf, nowMs })
    if (!event) continue
    if (event.kind === 'report') {
      await keepStageEvidence(tx, row, stage)
      changed.push(row.rollout_id)
    }
    events.push({ row, event })
  }
  return { events, changed }
}

type Moving = { before: Stage; stage: Stage; partsOf: PartsOf; nowMs: number }

async function moveOn(tx: Tx, row: StageRow, { before, stage, partsOf, nowMs }: Moving): Promise<void> {
  const { device_id: deviceId, deployment_id: deploymentId, organisation_id: organisationId } = row
  await putStage(tx, { deviceId, deploymentId, organisationId, stage, partsOf, generation: null, nowMs })
  await queueDevices(tx, organisationId, [deviceId])
  const { failure } = stage
  if (!failure || before.failure) return
  const { code, message } = failure.cause
  await appendAudit(tx, {
    organisationId,
    atMs: nowMs,
    actor: { kind: 'hub', id: '', name: 'hub' },
    action: 'system.returned',
    object: { kind: 'device', id: deviceId },
    result: 'ok',
    detail: { deployment: row.deployment, revision: stage.to, part: failure.part, code, message },
  })
}

/** The row of the rollout keeps the reason, because the device reports the earlier versions from then on. */
async function keepStageEvidence(tx: Tx, row: StageRow, { failure }: Stage): Promise<void> {
  const sequence = await raiseSequence(tx, row.rollout_id)
  const cause = failure && { ...failure.cause, message: partMessage(failure) }
  await tx
    .updateTable('rollout_members')
    .set({ state: failure ? 'failed' : 'active', cause: cause ? toJson(cause) : null, held: null, sequence })
    .where('rollout_id', '=', row.rollout_id)
    .where('device_id', '=', row.device_id)
    .execute()
}

const partMessage = ({ part, cause: { message } }: NonNullable<Stage['failure']>) =>
  `part ${part}: ${message}`.slice(0, 1_000)

type Judging = {
  stage: Stage
  partsOf: PartsOf
  reportOf(name: string): ItemReport | undefined
  nowMs: number
}

/** The news in the stage that the rollout does not know yet. Only the newest revision has a rollout in force. */
function eventOf(row: StageRow, { stage, partsOf, reportOf, nowMs }: Judging): DeviceSaid | undefined {
  if (row.revision !== stage.to || row.offered_generation === null) return undefined
  const { device_id: deviceId, wave, outcome, retries } = row
  const heldUntilMs = row.held_until_ms ?? undefined
  const member = { wave, outcome, retries, retryAtMs: row.retry_at_ms ?? undefined, heldUntilMs }
  const steps = releaseSteps(stage, partsOf)
  const heard = stage.failure?.outcome ?? (isWhole(stage, steps) ? 'healthy' : undefined)
  if (heard !== undefined && heard !== outcome) return { kind: 'report', deviceId, member, heard }
  const [change] = steps[stage.at] ?? []
  const item = change?.to && reportOf(change.to.name)
  if (stage.isBack || outcome !== 'offered' || !change?.to || !item) return undefined
  const offered = { deploymentId: row.deployment_id, revision: stage.to, ...change.to, retryToken: stage.retryToken }
  if (!isAbout(item, offered)) return undefined
  const hold = { item, saidAtMs: row.reported_at_ms, heardAtMs: row.last_seen_at_ms }
  const untilMs = heldUntil(hold, heldUntilMs, nowMs)
  return untilMs === undefined ? undefined : { kind: 'hold', deviceId, member, untilMs }
}

type StageRow = Awaited<ReturnType<typeof rowsOf>>[number]

/** Stages with a report on a document of theirs. Earlier reports say nothing about them. */
function rowsOf(db: Db, scope: EvidenceScope) {
  const base = db
    .selectFrom('system_stages as stage')
    .innerJoin('device_reports', (join) =>
      join
        .onRef('device_reports.device_id', '=', 'stage.device_id')
        .onRef('device_reports.observed_generation', '>=', 'stage.generation'),
    )
    .innerJoin('deployments', 'deployments.id', 'stage.deployment_id')
    .innerJoin('rollouts', 'rollouts.id', 'deployments.rollout_id')
    .innerJoin('rollout_members as member', (join) =>
      join.onRef('member.rollout_id', '=', 'rollouts.id').onRef('member.device_id', '=', 'stage.device_id'),
    )
    .selectAll('stage')
    .select(['device_reports.reported_at_ms', 'device_reports.last_seen_at_ms'])
    .select(['deployments.name as deployment', 'rollouts.id as rollout_id', 'rollouts.revision'])
    .select(['member.wave', 'member.outcome', 'member.retries', 'member.retry_at_ms', 'member.held_until_ms'])
    .select('member.offered_generation')
  if ('deviceIds' in scope) return base.where('stage.device_id', 'in', padded([...scope.deviceIds])).execute()
  return base
    .where('rollouts.id', '=', scope.rolloutId)
    .where('member.outcome', 'in', ['offered', 'timed-out'])
    .execute()
}

/** The reports about items of these deployments, by device and deployment. */
async function reportsOf(db: Db, rows: readonly StageRow[]): Promise<ReadonlyMap<string, ItemReport[]>> {
  const items = await db
    .selectFrom('device_items')
    .selectAll()
    .where('device_id', 'in', padded(rows.map(({ device_id }) => device_id) as DeviceId[]))
    .execute()
  const byKey = Map.groupBy(items, ({ device_id, deployment_id }) => `${device_id} ${deployment_id}`)
  return new Map([...byKey].map(([key, list]) => [key, list.map(itemOf)]))
}
