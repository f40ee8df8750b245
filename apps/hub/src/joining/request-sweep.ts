/**
 * Request sweep: deletes pending devices that nobody approved in time. A device that still sends requests begins again,
 * if its token still counts.
 */
import { appendAudit } from '../audit/audit-store.ts'
import { deleteDevice } from '../devices/device-store.ts'
import type { Hub } from '../hub.ts'
import { expiredRequests } from './origin-store.ts'

/** Returns the number of deleted devices. */
export async function sweepRequests(hub: Hub): Promise<number> {
  const nowMs = hub.clock.nowMs()
  const gone = await hub.store.transaction(async (tx) => {
    const rows = await expiredRequests(tx, nowMs)
    for (const { id, organisation_id: organisationId, name, public_key_hash: keyFingerprint, ...row } of rows) {
      await deleteDevice(tx, id)
      await appendAudit(tx, {
        organisationId,
        atMs: nowMs,
        actor: { kind: 'hub', id: '', name: 'hub' },
        action: 'device.request-expired',
        object: { kind: 'device', id },
        result: 'ok',
        detail: { name, site: row.site, keyFingerprint, requestedAtMs: row.created_at_ms },
      })
    }
    return rows
  })
  for (const { id } of gone) hub.bus.publish('device.changed', id)
  return gone.length
}
