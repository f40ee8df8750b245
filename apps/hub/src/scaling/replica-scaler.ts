/**
 * Replica scaler: the number of replicas of a placement follows the load that its devices report. It only changes the
 * number: the policy of the placement then picks devices, as after any other change.
 */

import type { Scaling } from '@skerry/contract/scaling/scaling'
import type { DeploymentId } from '@skerry/contract/values/ids'
import { windowAt } from '@skerry/core/device/update-hold'
import type { LoadSample } from '@skerry/core/scaling/load-window'
import { initialScale, type ScaleDecision, type ScaleState, scale } from '@skerry/core/scaling/scale'
import { scaleReason } from '@skerry/core/scaling/scale-text'
import { windowStart } from '@skerry/platform/process/window-starts'
import { appendAudit } from '../audit/audit-store.ts'
import type { DeploymentInForce } from '../deployments/deployment-store.ts'
import type { Hub } from '../hub.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { PlacementScaleTable } from '../store/tables/place-tables.ts'
import { clampedReplicas, keepScale, scaleRowOf } from './scale-store.ts'
import { appendSteps, stepRow } from './step-store.ts'

/** The measured windows of all placements. They are lost with the hub: the next one waits for a whole window. */
export type ReplicaScales = Map<DeploymentId, ScaleState>

type Look = { scales: ReplicaScales; tickMs: number }

/** Looks at the load of one deployment with a scaling policy of its placement, and stores what follows. */
export async function scaleReplicas(hub: Hub, deployment: DeploymentInForce, { scales, tickMs }: Look): Promise<void> {
  const { placement } = deployment.spec
  const policy = placement?.scaling
  const { id } = deployment
  if (!placement || !policy) {
    // A policy that comes back later begins with a new window.
    scales.delete(id)
    return
  }
  const nowMs = hub.clock.nowMs()
  const row = await scaleRowOf(hub.store.db, id)
  const before = scales.get(id) ?? restored(row, { count: clampedReplicas(placement, row?.replicas), nowMs })
  const sample = await sampleOf(hub.store.db, deployment, nowMs)
  const { state, decision } = scale(policy, before, { sample, scheduledMin: scheduledMin(policy, nowMs), tickMs })
  scales.set(id, state)
  const isStep = decision.count !== (row?.replicas ?? -1)
  const kept = rowOf(deployment, { policy, state, decision })
  if (!isStep && row?.now === kept.now && !policy.budgetHours) return
  await hub.store.transaction(async (tx) => {
    await keepScale(tx, kept)
    if (!isStep) return
    const { organisationId, name } = deployment
    const from = row?.replicas ?? 0
    const reason = scaleReason(policy, decision, 'replica')
    const step = { atMs: nowMs, from, to: decision.count, code: row ? decision.code : 'started', reason }
    await appendSteps(tx, [stepRow({ deploymentId: id, subject: '', organisationId }, step)])
    await appendAudit(tx, {
      organisationId,
      atMs: nowMs,
      actor: { kind: 'hub', id: '', name: 'hub' },
      action: 'placement.scale',
      object: { kind: 'deployment', id: name },
      result: 'ok',
      detail: { from, to: decision.count, message: `from ${from} to ${decision.count}: ${reason}` },
    })
  })
  if (isStep) hub.log.info('placement_scaled', { deployment: deployment.name, replicas: decision.count })
}

type First = { count: number; nowMs: number }

/** After a start of the hub: the number, its waits and the spent hours go on; the window begins anew. */
function restored(row: PlacementScaleTable | undefined, { count, nowMs }: First): ScaleState {
  const first = initialScale(count, nowMs)
  if (!row) return first
  return {
    ...first,
    raisedAtMs: row.raised_at_ms ?? undefined,
    changedAtMs: row.changed_at_ms ?? undefined,
    spent: fromJson(row.spent),
  }
}

type Decided = { policy: Scaling; state: ScaleState; decision: ScaleDecision }

function rowOf({ id, organisationId }: DeploymentInForce, { policy, state, decision }: Decided): PlacementScaleTable {
  const { concurrency, queue, rps, p95Ms } = decision.load
  const load = { concurrency, queue, rps, ...(p95Ms !== undefined && { p95Ms }) }
  const reason = scaleReason(policy, decision, 'replica')
  return {
    deployment_id: id,
    organisation_id: organisationId,
    replicas: decision.count,
    raised_at_ms: state.raisedAtMs ?? null,
    changed_at_ms: state.changedAtMs ?? null,
    spent: toJson(state.spent),
    now: toJson({ count: decision.count, wanted: decision.wanted, reason, load }),
  }
}

const scheduledMin = ({ schedule = [] }: Scaling, nowMs: number): number =>
  schedule
    .filter((window) => windowAt(window, { timeMs: nowMs, windowStart }).kind === 'open')
    .reduce((most, { min }) => Math.max(most, min), 0)

/** The sum over the devices that serve, by their newest reports. A silent device has no load that anybody knows. */
async function sampleOf(db: Db, { id, organisationId }: DeploymentInForce, nowMs: number): Promise<LoadSample> {
  const rows = await db
    .selectFrom('device_items')
    .innerJoin('device_reports', 'device_reports.device_id', 'device_items.device_id')
    .select('device_items.scale')
    .where('device_items.organisation_id', '=', organisationId)
    .where('device_items.deployment_id', '=', id)
    .where('device_items.serving_version', 'is not', null)
    .where('device_reports.stale_at_ms', '>', nowMs)
    .execute()
  const scales = rows.flatMap(({ scale: text }) => (text === null ? [] : [fromJson(text)]))
  const sum = (figureOf: (one: (typeof scales)[number]) => number) =>
    scales.reduce((all, one) => all + figureOf(one), 0)
  const durations = scales.flatMap(({ load }) => (load.p95Ms === undefined ? [] : [load.p95Ms]))
  return {
    atMs: nowMs,
    concurrency: sum(({ load }) => load.concurrency),
    busy: sum(({ load, count }) => Math.min(1, load.concurrency / Math.max(1, count))),
    queue: sum(({ load }) => load.queue),
    rps: sum(({ load }) => load.rps),
    ...(durations.length > 0 && { p95Ms: durations.reduce((most, one) => Math.max(most, one)) }),
  }
}
