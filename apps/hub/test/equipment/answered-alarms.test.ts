/** Answered alarms: people acknowledge and shelve alerts about equipment. An answered alert stays listed and is quiet. */
import type { Alert, Alerts } from '@skerry/contract/alerts/alert'
import { ConnectionStatus } from '@skerry/contract/connections/connection'
import { Flow } from '@skerry/contract/flows/flow'
import { alarmFlow } from '@skerry/core/learning/alarm-flow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertSubjects } from '../../src/alerts/alert-subjects.ts'
import { acknowledgeSubjects, shelveSubjects, sweepAnswers } from '../../src/alerts/answer-store.ts'
import { fleetAlerts } from '../../src/alerts/fleet-alerts.ts'
import { toJson } from '../../src/store/json-column.ts'
import { takeTelemetry } from '../../src/telemetry/take-telemetry.ts'
import type { FleetDevice } from '../stage/fleet/fleet-records.ts'
import { simulatorSource } from '../stage/made-things.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { openFleet } from '../stage/simulated-fleet.ts'
import { joinDevice, openLink, reportOf } from '../stage/test-device.ts'

let hub: TestHub
let links: Awaited<ReturnType<typeof openLink>>[]

beforeAll(async () => {
  hub = await startTestHub()
  links = []
  for (const name of ['gateway-1', 'gateway-2']) {
    links.push(await openLink(hub, await joinDevice(hub, { name, site: 'berlin' })))
  }
  expect((await hub.ask('PUT', '/v1/sources/press', { body: { spec: simulatorSource('press') } })).status).toBe(200)
})
afterAll(async () => {
  for (const link of links) link[Symbol.dispose]()
  await hub[Symbol.asyncDispose]()
})

async function reportDown(index: 0 | 1, sinceMs: number) {
  const link = links[index]
  if (!link) throw new Error('there are two devices')
  await link.client.report(reportOf())
  const status = {
    kind: 'source',
    name: 'press',
    state: 'down',
    sinceMs,
    digest: `sha256:${'0'.repeat(64)}`,
    cause: { code: 'source_lost', message: 'connect ECONNREFUSED 10.0.0.5:502' },
    figures: { valuesPerSecond: 0, rounds: 3, skipped: 0, lost: 0, crashes: 0 },
  }
  await link.client.held({ name: 'connections', held: { running: [ConnectionStatus.parse(status)] } })
}

const downAlerts = async (): Promise<Alert[]> =>
  (await hub.ask<Alerts>('GET', '/v1/alerts')).body.alerts.filter(({ code }) => code === 'sources_down')

const post = (verb: string, body: object, key?: string) =>
  hub.ask<{ code?: string; acknowledged?: number }>('POST', `/v1/alerts/${verb}`, {
    body,
    ...(key !== undefined && { key }),
  })

test('an acknowledged source stays listed last with person and comment, and another occurrence is open again', async () => {
  const begun = Date.now() - 9 * 60_000
  await reportDown(0, begun)
  const [open] = await downAlerts()
  expect(open).toMatchObject({ id: 'sources_down', count: 1, sinceMs: begun })
  expect(open).not.toHaveProperty('answer')

  const { body: viewer } = await hub.ask<{ secret: string }>('POST', '/v1/keys', {
    body: { name: 'screen', role: 'viewer' },
  })
  expect((await post('acknowledge', { alert: 'sources_down' }, viewer.secret)).status).toBe(403)
  const late = { alert: 'sources_down', seen: { sinceMs: begun - 1, count: 1 } }
  expect((await post('acknowledge', late)).body).toMatchObject({ code: 'alert_changed' })

  const seen = { sinceMs: begun, count: 1 }
  const done = await post('acknowledge', { alert: 'sources_down', comment: 'the press is off for cleaning', seen })
  expect(done.body, done.text).toEqual({ alert: 'sources_down', acknowledged: 1 })
  const all = (await hub.ask<Alerts>('GET', '/v1/alerts')).body.alerts
  expect(all.at(-1)).toMatchObject({
    id: 'sources_down:acknowledged',
    answer: { state: 'acknowledged', by: 'owner', comment: 'the press is off for cleaning' },
  })

  // A source on another device goes down: only this one is open.
  await reportDown(1, begun + 1_000)
  const [fresh, quiet] = await downAlerts()
  expect([fresh, quiet]).toMatchObject([
    { id: 'sources_down', count: 1, objects: [{ name: 'gateway-2' }] },
    { id: 'sources_down:acknowledged', count: 1, objects: [{ name: 'gateway-1' }] },
  ])

  // The first one was up, and is down again.
  await reportDown(0, begun + 2_000)
  expect(await downAlerts()).toMatchObject([{ id: 'sources_down', count: 2 }])

  const { body: trail } = await hub.ask<{ rows: { result: string; detail: object }[] }>(
    'GET',
    '/v1/audit?action=alert.acknowledge',
  )
  expect(trail.rows.find(({ result }) => result === 'ok')).toMatchObject({
    detail: { comment: 'the press is off for cleaning', count: 1 },
  })
})

test('a shelved source is quiet for its time, also when it occurs again, and unshelving returns it', async () => {
  const begun = Date.now() - 8 * 60_000
  await reportDown(0, begun)
  await reportDown(1, begun)
  const tooLong = { alert: 'sources_down', seconds: 86_401, reason: 'x' }
  expect((await post('shelve', tooLong)).body).toMatchObject({ code: 'input_invalid' })
  expect((await post('shelve', { alert: 'sources_down', seconds: 3_600 })).body).toMatchObject({
    code: 'input_invalid',
  })
  const shelved = await post('shelve', { alert: 'sources_down', seconds: 3_600, reason: 'the line is rebuilt' })
  expect(shelved.body, shelved.text).toMatchObject({ alert: 'sources_down', shelved: 2 })
  await reportDown(0, begun + 5_000)
  expect(await downAlerts()).toMatchObject([
    { id: 'sources_down:shelved', count: 2, answer: { state: 'shelved', comment: 'the line is rebuilt' } },
  ])
  expect((await post('unshelve', { alert: 'sources_down:shelved' })).status).toBe(200)
  expect(await downAlerts()).toMatchObject([{ id: 'sources_down', count: 2 }])
  expect((await post('unshelve', { alert: 'sources_down' })).body).toMatchObject({ code: 'alert_not_shelved' })
})

test('an alert that is gone, and an alert that ends only with its cause, cannot be answered', async () => {
  expect((await post('acknowledge', { alert: 'process_alarm:gone:pump/alarm' })).body).toMatchObject({
    code: 'alert_unknown',
  })
  expect((await post('acknowledge', { alert: 'nonsense' })).body).toMatchObject({ code: 'alert_unknown' })
  expect((await post('acknowledge', { alert: 'devices_stale:berlin' })).body).toMatchObject({
    code: 'alert_not_answerable',
  })
})

const flow = Flow.parse(alarmFlow({ name: 'pump', source: 'plc', tags: ['heat', 'flow'], everyMs: 1_000, samples: 16 }))
const ALARM = 'pump-alarm/alarms'

/** A device that runs the alarm flow of a learned detector, and its alarms. */
async function guardedDevice() {
  const fleet = await openFleet()
  await fleet.addDevices(1, { site: 'oslo' })
  await fleet.addVersion(flow.name, 1)
  await fleet.apply({ name: 'guard', deployable: flow.name, version: '1' })
  await fleet.report(fleet.devices, () => 'active')
  const { store, clock, organisationId } = fleet
  await store.transaction(async (tx) => {
    await tx
      .updateTable('versions')
      .set({ kind: 'flow', summary: toJson(flow) })
      .execute()
    await tx.updateTable('device_items').set({ kind: 'flow' }).execute()
  })
  const [device] = fleet.devices as [FleetDevice]
  let first = 1
  const send = async (value: number) => {
    const place = { deviceId: device.id, organisationId }
    const values = [{ eventTimeMs: clock.ms, quality: 'good' as const, signal: ALARM, value }]
    await takeTelemetry(fleet.hub, place, { stream: '00112233445566aa', lane: 'urgent', first, values })
    first += 1
    clock.ms += 1_000
  }
  const alarms = async () => {
    const facts = {
      store,
      clock: { nowMs: () => clock.ms },
      disk: { hasRoomFor: () => Promise.resolve(true) },
      config: { certificateNotAfterMs: undefined, authorityNotAfterMs: undefined },
    }
    const scope = { organisationId, mayReadKeys: false, mayReadIntrusions: false, mayReadConnections: true }
    return (await fleetAlerts(facts, scope)).alerts.filter(({ code }) => code === 'process_alarm')
  }
  const subjects = (alert: string) =>
    alertSubjects(store.db, { organisationId, nowMs: clock.ms, alert, mayReadConnections: true })
  return { fleet, device, send, alarms, subjects, [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose]() }
}

test('an acknowledged alarm is quiet until it ends, and is open when the flow raises it again', async () => {
  await using guarded = await guardedDevice()
  const { fleet, device, send, alarms, subjects } = guarded
  await send(1)
  const id = `process_alarm:${device.name}:${ALARM}`
  const given = { by: 'anna', atMs: fleet.clock.ms, comment: 'I go there' }
  const { organisationId, store, clock } = fleet
  await store.transaction(async (tx) =>
    acknowledgeSubjects(tx, { organisationId, subjects: await subjects(id), given }),
  )
  await send(1)
  expect(await alarms()).toMatchObject([{ id, answer: { state: 'acknowledged', ...given } }])
  // The sweep keeps an answer that counts.
  await store.transaction((tx) => sweepAnswers(tx, clock.ms))
  expect(await alarms()).toMatchObject([{ answer: given }])
  await send(0)
  expect(await alarms()).toEqual([])
  await send(1)
  const [again] = await alarms()
  expect(again).toMatchObject({ id })
  expect(again).not.toHaveProperty('answer')

  const untilMs = clock.ms + 60_000
  await store.transaction(async (tx) =>
    shelveSubjects(tx, { organisationId, subjects: await subjects(id), given, untilMs }),
  )
  await send(0)
  await send(1)
  expect(await alarms()).toMatchObject([{ answer: { state: 'shelved', untilMs } }])
  clock.ms = untilMs
  expect((await alarms())[0]).not.toHaveProperty('answer')
  await store.transaction((tx) => sweepAnswers(tx, clock.ms))
  const left = await store.db.selectFrom('alert_answers').selectAll().execute()
  expect(left).toEqual([])
})
