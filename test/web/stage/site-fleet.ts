/** Web site fleet: five thousand sites, three of which have devices, and the troubles of these. */
import { addDevices, type FleetDevice } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import type { TestHub } from '../../../apps/hub/test/stage/running-hub.ts'

export const SITES = 5_000
const COUNTRIES = ['DE', 'FR', 'NO', 'PL', 'ES', 'US', 'CA', 'BR', 'ZA', 'IN', 'JP', 'AU']

/** Many sites without devices, and three with some. */
export async function fillFleet(hub: TestHub): Promise<FleetDevice[]> {
  const { store, ids } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const rows = Array.from({ length: SITES }, (_, index) => {
    const country = COUNTRIES[index % COUNTRIES.length] ?? 'DE'
    const spread = (factor: number, range: number) => ((index * factor) % 1_000) / (1_000 / range)
    return {
      id: ids.site(),
      organisation_id: organisationId,
      name: `site-${index}`,
      country,
      revision: 1,
      kind: index % 3 === 0 ? ('cloud' as const) : ('edge' as const),
      region: index % 7 === 0 ? null : `region-${index % 5}`,
      latitude: spread(37, 110) - 45,
      longitude: spread(61, 300) - 150,
      clearance: 'internal' as const,
      labels: JSON.stringify({}) as never,
      created_at_ms: Date.now(),
    }
  })
  await store.transaction(async (tx) => {
    for (let start = 0; start < rows.length; start += 500) {
      await tx
        .insertInto('sites')
        .values(rows.slice(start, start + 500))
        .execute()
    }
  })
  const devices: FleetDevice[] = []
  const place = { store, ids, organisationId, clock: { ms: Date.now() }, devices }
  for (const [site, count, country, latitude, longitude] of PLANTS) {
    const body = {
      kind: 'edge',
      country,
      region: 'plants',
      coordinates: { latitude, longitude },
      labels: { line: '4' },
    }
    await hub.ask('PUT', `/v1/sites/${site}`, { body })
    devices.push(...(await addDevices(place, count, { site, labels: { line: '4', ring: 'canary' } })))
  }
  return devices
}

const PLANTS = [
  ['plant-a', 12, 'NO', 59.91, 10.75],
  ['plant-b', 8, 'DE', 53.55, 9.99],
  ['plant-c', 4, 'FR', 45.75, 4.85],
] as const

/** A status that a person may wait for. */
type Status = 'pending' | 'active' | 'conflict-paused'

export async function setStatus(hub: TestHub, ids: readonly FleetDevice['id'][], status: Status): Promise<void> {
  await hub.hub.store.transaction((tx) => tx.updateTable('devices').set({ status }).where('id', 'in', ids).execute())
  for (const id of ids) hub.hub.bus.publish('device.changed', id)
}

/** As if the devices had been silent for long. */
export const silence = (hub: TestHub, devices: readonly FleetDevice[]) => setStaleAt(hub, devices, Date.now() - 60_000)
export const hear = (hub: TestHub, devices: readonly FleetDevice[]) => setStaleAt(hub, devices, Date.now() + 3_600_000)

/** A report counts for three minutes. The last report of a stopped agent is stale at once. */
const REPORT_MS = 180_000

async function setStaleAt(hub: TestHub, devices: readonly FleetDevice[], staleAtMs: number): Promise<void> {
  const ids = devices.map(({ id }) => id)
  const reported = { stale_at_ms: staleAtMs, last_seen_at_ms: Math.min(Date.now(), staleAtMs - REPORT_MS) }
  await hub.hub.store.transaction((tx) =>
    tx.updateTable('device_reports').set(reported).where('device_id', 'in', ids).execute(),
  )
  for (const id of ids.slice(0, 1)) hub.hub.bus.publish('device.changed', id)
}

/** One trouble of nearly every kind. */
export async function trouble(hub: TestHub, devices: readonly FleetDevice[]): Promise<void> {
  const [full, waiting, restored, ...rest] = devices as [FleetDevice, FleetDevice, FleetDevice]
  await hear(hub, devices)
  await setStaleAt(hub, rest.slice(-6), Date.now() - 7_200_000)
  await setStatus(hub, [waiting.id], 'pending')
  await setStatus(hub, [restored.id], 'conflict-paused')
  const conditions = JSON.stringify([{ code: 'disk_low', message: '3 MB are free' }]) as never
  await hub.hub.store.transaction(async (tx) => {
    await tx.updateTable('device_reports').set({ conditions }).where('device_id', '=', full.id).execute()
    await tx
      .updateTable('devices')
      .set({ certificate_not_after_ms: Date.now() + 9 * 86_400_000 })
      .where('id', '=', full.id)
      .execute()
  })
  hub.hub.bus.publish('device.changed', full.id)
}
