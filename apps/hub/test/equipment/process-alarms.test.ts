/** Process alarms: the alarm of a flow is an alert from its first value until it clears, or until its flow is gone. */
import { Flow } from '@skerry/contract/flows/flow'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { alarmFlow } from '@skerry/core/learning/alarm-flow'
import { expect, test } from 'vitest'
import { fleetAlerts } from '../../src/alerts/fleet-alerts.ts'
import { toJson } from '../../src/store/json-column.ts'
import { takeTelemetry } from '../../src/telemetry/take-telemetry.ts'
import { type FleetDevice, INTERVAL_MS } from '../stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../stage/simulated-fleet.ts'

const flow = Flow.parse(alarmFlow({ name: 'pump', source: 'plc', tags: ['heat', 'flow'], everyMs: 1_000, samples: 16 }))

/** A fleet whose devices run the alarm flow of a learned detector. */
async function guardedFleet(devices: number) {
  const fleet = await openFleet()
  await fleet.addDevices(devices, { site: 'oslo' })
  await fleet.addVersion(flow.name, 1)
  await fleet.apply({ name: 'guard', deployable: flow.name, version: '1' })
  await fleet.report(fleet.devices, () => 'active')
  await fleet.store.transaction(async (tx) => {
    await tx
      .updateTable('versions')
      .set({ kind: 'flow', summary: toJson(flow) })
      .execute()
    await tx.updateTable('device_items').set({ kind: 'flow' }).execute()
  })
  return fleet
}

let first = 1
async function send(
  { hub, organisationId, clock }: SimulatedFleet,
  { id }: FleetDevice,
  ...values: Partial<SinkValue>[]
) {
  const batch = values.map((value) => ({
    eventTimeMs: clock.ms,
    quality: 'good',
    signal: 'pump-alarm/alarms',
    ...value,
  }))
  await takeTelemetry(
    hub,
    { deviceId: id, organisationId },
    {
      stream: '00112233445566aa',
      lane: 'urgent',
      first,
      values: batch as SinkValue[],
    },
  )
  first += values.length
}

const alertsIn = async ({ store, clock, organisationId }: SimulatedFleet) => {
  const hub = {
    store,
    clock: { nowMs: () => clock.ms },
    disk: { hasRoomFor: () => Promise.resolve(true) },
    config: { certificateNotAfterMs: undefined, authorityNotAfterMs: undefined },
  }
  const scope = { organisationId, mayReadKeys: true, mayReadIntrusions: true, mayReadConnections: true }
  const { alerts } = await fleetAlerts(hub, scope)
  return alerts.filter(({ code }) => code === 'process_alarm')
}

test('an alarm has its source, its tag, its reason and its begin, lasts, and ends when the flow clears it', async () => {
  await using fleet = await guardedFleet(1)
  const [device] = fleet.devices as [FleetDevice]
  await send(fleet, device, { value: 0 })
  expect(await alertsIn(fleet)).toEqual([])
  const sinceMs = fleet.clock.ms
  await send(
    fleet,
    device,
    { value: 1 },
    { signal: 'pump-alarm/suspects', value: 'heat' },
    { signal: 'pump-alarm/causes', value: 'heat 81 %, flow 19 %' },
  )
  fleet.clock.ms += 5_000
  // A flow that starts anew sends the alarm again: it began before.
  await send(fleet, device, { value: 1 })
  expect(await alertsIn(fleet)).toMatchObject([
    {
      id: `process_alarm:${device.name}:pump-alarm/alarms`,
      severity: 'critical',
      message: `pump-alarm/alarms on ${device.name} at oslo: suspect heat, cause heat 81 %, flow 19 %, source plc, tag heat`,
      objects: [{ kind: 'device', name: device.name }, { name: 'oslo' }],
      sinceMs,
    },
  ])
  await send(fleet, device, { quality: 'bad', cause: 'stale' })
  expect(await alertsIn(fleet)).toEqual([])
  await send(fleet, device, { value: 1 })
  expect(await alertsIn(fleet)).toMatchObject([{ sinceMs: sinceMs + 5_000 }])
  await send(fleet, device, { value: 0 })
  expect(await alertsIn(fleet)).toEqual([])
})

test('an alarm of a silent device stays with a note, and an alarm of a removed flow ends', async () => {
  await using fleet = await guardedFleet(1)
  const [device] = fleet.devices as [FleetDevice]
  await send(fleet, device, { value: 1 })
  expect((await alertsIn(fleet))[0]?.message).toContain('score is above 1 in 2 of the last 3 values, source plc')
  fleet.clock.ms += 4 * INTERVAL_MS
  expect((await alertsIn(fleet))[0]?.message).toContain('(last known: the device is silent)')
  await fleet.store.transaction((tx) => tx.updateTable('device_items').set({ serving_version: null }).execute())
  expect(await alertsIn(fleet)).toEqual([])
})

test('an alarm that many devices raise is one alert, and an urgent value that is no alarm is none', async () => {
  await using fleet = await guardedFleet(4)
  for (const device of fleet.devices) {
    await send(fleet, device, { value: 1 }, { signal: 'pump-alarm/scores', value: 7 })
  }
  expect(await alertsIn(fleet)).toMatchObject([{ id: 'process_alarm:pump-alarm/alarms', count: 4 }])
})

test('an alarm that begins or ends wakes the pages that show alerts, and a repeated one does not', async () => {
  await using fleet = await guardedFleet(1)
  const [device] = fleet.devices as [FleetDevice]
  const woken: string[] = []
  fleet.bus.subscribe('alarm.changed', undefined, (key) => woken.push(key))
  await send(fleet, device, { value: 1 })
  await send(fleet, device, { value: 1 }, { value: 1 })
  expect(woken).toEqual([device.id])
  await send(fleet, device, { value: 0 })
  expect(woken).toHaveLength(2)
})
