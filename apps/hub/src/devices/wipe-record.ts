/** Wipe record: a device has begun to delete all its data. From then on the hub rejects it. */
import { appendAudit } from '../audit/audit-store.ts'
import type { Hub } from '../hub.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import { findDeviceById, setStatus } from './device-store.ts'
import { appendEvents } from './event-store.ts'

/** Counts once, and only if a person has ordered the wipe. */
export async function recordWipe(
  { store, clock, bus }: Pick<Hub, 'store' | 'clock' | 'bus'>,
  { deviceId, source }: Pick<LinkConnection, 'deviceId' | 'source'>,
): Promise<void> {
  await store.transaction(async (tx) => {
    const device = await findDeviceById(tx, deviceId)
    if (device?.status !== 'wiping') return
    await setStatus(tx, deviceId, 'wiped')
    const atMs = clock.nowMs()
    await appendEvents(tx, { device, atMs, changes: [{ kind: 'wiped' }] })
    await appendAudit(tx, {
      organisationId: device.organisation_id,
      atMs,
      actor: { kind: 'device', id: device.id, name: device.name },
      action: 'device.wiped',
      object: { kind: 'device', id: device.id },
      source,
      result: 'ok',
      detail: { id: device.id, name: device.name },
    })
  })
  bus.publish('device.changed', deviceId)
}
