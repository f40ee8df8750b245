/** Learning sweep: cancels the learnings of removed devices, which would otherwise wait for ever and keep their names. */
import { appendAudit } from '../audit/audit-store.ts'
import type { Hub } from '../hub.ts'
import { sweepTogether } from './fleet/together/advance-together.ts'
import { endLearning, orphanedLearnings } from './learning-store.ts'

const REASON = 'the device was removed'

/** Returns the number of cancelled learnings. */
export const sweepLearnings = async (hub: Hub): Promise<number> =>
  (await cancelOrphaned(hub)) + (await sweepTogether(hub))

/** Returns the number of learnings whose device is gone. */
export async function cancelOrphaned(hub: Pick<Hub, 'bus' | 'clock' | 'store'>): Promise<number> {
  const nowMs = hub.clock.nowMs()
  const rows = await hub.store.transaction(async (tx) => {
    const orphaned = await orphanedLearnings(tx)
    for (const { id, name, organisation_id: organisationId } of orphaned) {
      await endLearning(tx, id, { phase: 'cancelled', reason: REASON, nowMs })
      await appendAudit(tx, {
        organisationId,
        atMs: nowMs,
        actor: { kind: 'hub', id: '', name: 'hub' },
        action: 'learning.ended',
        object: { kind: 'learning', id: name },
        result: 'ok',
        detail: { phase: 'cancelled', message: REASON },
      })
    }
    return orphaned
  })
  for (const { organisation_id: organisationId } of rows) {
    hub.bus.publish('audit.appended', organisationId)
    hub.bus.publish('learning.changed', organisationId)
  }
  return rows.length
}
