/** The alert about a model that a device stopped, from a real store. */
import { expect, test } from 'vitest'
import { type AlertHub, fleetAlerts } from '../../src/alerts/fleet-alerts.ts'
import { toJson } from '../../src/store/json-column.ts'
import type { FleetDevice } from '../stage/fleet/fleet-records.ts'
import { openFleet } from '../stage/simulated-fleet.ts'

test('the alert of a model that was stopped names the device and the deployment to retry', async () => {
  await using fleet = await openFleet()
  await fleet.addDevices(2, { site: 'oslo' })
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ name: 'sensor-all', version: '1' })
  await fleet.report(fleet.devices, () => 'active')
  const [first] = fleet.devices as [FleetDevice]
  const cause = { code: 'model_stopped', message: 'sensor version 1 was stopped' }
  await fleet.store.transaction(async (tx) => {
    const conditions = toJson([cause])
    await tx.updateTable('device_reports').set({ conditions }).where('device_id', '=', first.id).execute()
    await tx
      .updateTable('device_items')
      .set({ cause: toJson(cause) })
      .where('device_id', '=', first.id)
      .execute()
  })
  const { store, clock, organisationId } = fleet
  const hub: AlertHub = {
    store,
    clock: { nowMs: () => clock.ms },
    disk: { hasRoomFor: () => Promise.resolve(true) },
    config: { certificateNotAfterMs: undefined, authorityNotAfterMs: undefined },
  }
  const reader = { organisationId, mayReadKeys: true, mayReadIntrusions: true, mayReadConnections: true }
  expect((await fleetAlerts(hub, reader)).alerts).toMatchObject([
    {
      id: 'devices_in_trouble:model_stopped',
      action: expect.stringContaining(`\`skerry device retry ${first.name} sensor-all\``),
    },
  ])
})
