/**
 * Checkpoints: the leader signs each organisation's trail again and again. Before it signs, it walks what has come since the last time: a
 * trail that was changed in the database between two checkpoints is not vouched for, but told of.
 */
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { TrailProblem } from '@skerry/core/audit/audit-trail'
import { isCheckpointDue } from '@skerry/core/audit/checkpoint-pace'
import { signCheckpoint } from '@skerry/platform/signatures/audit-signature'
import type { Hub } from '../hub.ts'
import { endOfTrail } from './audit-store.ts'
import { insertCheckpoint, lastCheckpoint } from './checkpoint-store.ts'
import { walkTrail } from './trail-walk.ts'

type Signed = { ok: true; checkpoint: AuditCheckpoint } | TrailProblem

/** Signs the trail as it is now. */
export async function signTrail(hub: Hub, organisationId: OrganisationId, signal: AbortSignal): Promise<Signed> {
  const last = await lastCheckpoint(hub.store.db, organisationId)
  const walked = await walkTrail(hub, { organisationId, after: last }, signal)
  if (!walked.ok) return walked
  const { end } = walked.trail
  if (last && last.sequence === end.sequence) return { ok: true, checkpoint: last }
  const checkpoint = signCheckpoint({ organisationId, ...end, atMs: hub.clock.nowMs() }, hub.auditKey)
  await hub.store.transaction((tx) => insertCheckpoint(tx, checkpoint))
  return { ok: true, checkpoint }
}

/** Signs every trail that is due. */
export async function sweepCheckpoints(hub: Hub): Promise<void> {
  const { db } = hub.store
  for (const { id: organisationId } of await db.selectFrom('organisations').select('id').execute()) {
    const end = await endOfTrail(db, organisationId)
    if (!isCheckpointDue(end, await lastCheckpoint(db, organisationId), hub.clock.nowMs())) continue
    const signed = await signTrail(hub, organisationId, hub.signal)
    if (signed.ok) continue
    hub.metrics.auditDamaged.inc()
    hub.log.error('audit_damaged', { organisationId, sequence: signed.sequence, problem: signed.problem })
  }
}
