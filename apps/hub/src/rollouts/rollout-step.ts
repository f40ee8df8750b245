/** Rollout step: core decides on events of one rollout, and this module applies the result, inside a transaction. */

import { Outcome } from '@skerry/contract/rollouts/rollout'
import type { DeploymentId } from '@skerry/contract/values/ids'
import type { MemberChange } from '@skerry/core/rollouts/member-change'
import { type RolloutEvent, type RolloutStep, step } from '@skerry/core/rollouts/rollout'
import type { Decision } from '@skerry/core/rollouts/rollout-decision'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { FAILURE_KINDS } from '@skerry/core/rollouts/wave-verdict'
import { appendAudit } from '../audit/audit-store.ts'
import { queueDevices } from '../desired/desired-queue.ts'
import type { Tx } from '../store/store.ts'
import { changeMembers, queueMembers } from './member-store.ts'
import { type RolloutRecord, saveRollout } from './rollout-store.ts'

export type SentEvents = { ok: true; rollout: RolloutRecord; isChanged: boolean } | Extract<RolloutStep, { ok: false }>

/**
 * Applies the events in order and stores the result once. The audit trail records the rollout's own decisions, with the
 * numbers behind them. Publish `rollout.changed` after the commit.
 */
export async function sendEvents(
  tx: Tx,
  rollout: RolloutRecord,
  events: readonly RolloutEvent[],
  nowMs: number,
): Promise<SentEvents> {
  let state = rollout.state
  for (const event of events) {
    const result = await runStep(tx, { ...rollout, state }, event, nowMs)
    if (!result.ok) return result
    state = result.next
    for (const decision of result.decisions) await recordDecision(tx, rollout, decision, nowMs)
  }
  if (state === rollout.state) return { ok: true, rollout, isChanged: false }
  const changed = { ...rollout, state, changed_at_ms: nowMs }
  await saveRollout(tx, changed, nowMs)
  if (isEnded(state) && !isEnded(rollout.state)) await conclude(tx, changed)
  return { ok: true, rollout: changed, isChanged: true }
}

async function runStep(tx: Tx, rollout: RolloutRecord, event: RolloutEvent, nowMs: number): Promise<RolloutStep> {
  const steps = step(rollout.plan, rollout.state, event, nowMs)
  let result = steps.next()
  while (!result.done) {
    const { value: change } = result
    const rows = await changeMembers(tx, rollout, change, nowMs)
    if (rows > 0) await queueLate(tx, rollout, change)
    result = steps.next(rows)
  }
  return result.value
}

/** In a rollout that has ended, a late report decides whether the device keeps the revision. */
async function queueLate(tx: Tx, { organisation_id, state }: RolloutRecord, { from, to, which }: MemberChange) {
  const isKept = from === 'healthy' || to === 'healthy'
  if (which.kind === 'device' && isKept && isEnded(state)) await queueDevices(tx, organisation_id, [which.deviceId])
}

async function recordDecision(tx: Tx, rollout: RolloutRecord, { action, detail }: Decision, nowMs: number) {
  await appendAudit(tx, {
    organisationId: rollout.organisation_id,
    atMs: nowMs,
    actor: { kind: 'hub', id: '', name: 'hub' },
    action,
    object: { kind: 'rollout', id: rollout.id },
    result: 'ok',
    detail: { ...detail, ...(await rolloutSubject(tx, rollout)) },
  })
}

/** The deployment and revision of a rollout, for its audit records: nobody recognises a rollout by its id. */
export async function rolloutSubject(tx: Tx, { deployment_id: deploymentId, revision }: RolloutRecord) {
  const { name: deployment } = await tx
    .selectFrom('deployments')
    .select('name')
    .where('id', '=', deploymentId)
    .executeTakeFirstOrThrow()
  return { deployment, deploymentId, revision }
}

/** An end changes the target state of many devices at once. */
async function conclude(tx: Tx, rollout: RolloutRecord): Promise<void> {
  if (rollout.state.status === 'superseded') return
  // A device that has only prepared the revision either continues or discards it.
  if (rollout.state.switchWave !== undefined) await queueMembers(tx, rollout, { outcomes: Outcome.options })
  if (rollout.state.status !== 'done') {
    await queueMembers(tx, rollout, { outcomes: ['offered', 'healthy', ...FAILURE_KINDS, 'tolerated'] })
    return
  }
  await queueMembers(tx, rollout, { outcomes: ['waiting', 'skipped'] })
  await setStableRevision(tx, rollout.deployment_id, rollout.revision)
}

async function setStableRevision(tx: Tx, id: DeploymentId, revision: number): Promise<void> {
  await tx.updateTable('deployments').set({ stable_revision: revision }).where('id', '=', id).execute()
}
