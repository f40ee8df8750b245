/** Alerts from a real store: each appears with its cause, and disappears with it. */
import type { Alert } from '@skerry/contract/alerts/alert'
import {
  AUTHORITY_NOTICE_MS,
  CERTIFICATE_NOTICE_MS,
  KEY_NOTICE_MS,
  SERVER_NOTICE_MS,
} from '@skerry/core/alerts/alert-facts'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { type AlertHub, fleetAlerts } from '../../src/alerts/fleet-alerts.ts'
import { appendAudit } from '../../src/audit/audit-store.ts'
import { toJson } from '../../src/store/json-column.ts'
import type { DeviceTable } from '../../src/store/tables/foundation-tables.ts'
import { addBuild, addGoal } from '../stage/fleet/fleet-builds.ts'
import { type FleetDevice, INTERVAL_MS } from '../stage/fleet/fleet-records.ts'
import { startTestHub } from '../stage/running-hub.ts'
import { openFleet, type SimulatedFleet } from '../stage/simulated-fleet.ts'
import { joinDevice } from '../stage/test-device.ts'

const SILENCE_MS = 4 * INTERVAL_MS

type Own = { config?: Partial<AlertHub['config']>; freeBytes?: number }

/** The alerts of an owner. */
async function alertsIn({ store, clock, organisationId }: SimulatedFleet, { config, freeBytes = 2 ** 40 }: Own = {}) {
  const hub: AlertHub = {
    store,
    clock: { nowMs: () => clock.ms },
    disk: { hasRoomFor: (sizeBytes) => Promise.resolve(sizeBytes < freeBytes) },
    config: { certificateNotAfterMs: undefined, authorityNotAfterMs: undefined, ...config },
  }
  return fleetAlerts(hub, { organisationId, mayReadKeys: true, mayReadIntrusions: true, mayReadConnections: true })
}

const idsIn = async (fleet: SimulatedFleet, own?: Own) => (await alertsIn(fleet, own)).alerts.map(({ id }) => id)

const change = (fleet: SimulatedFleet, devices: readonly FleetDevice[], columns: Partial<DeviceTable>) =>
  fleet.store.transaction((tx) =>
    tx
      .updateTable('devices')
      .set(columns)
      .where(
        'id',
        'in',
        devices.map(({ id }) => id),
      )
      .execute(),
  )

/** Two sites whose devices run version 1, while version 2 is on its way to all. */
async function movingFleet() {
  const fleet = await openFleet()
  await fleet.addDevices(3, { site: 'oslo' })
  await fleet.addDevices(2, { site: 'bergen' })
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  return fleet
}

test('a healthy fleet has no alert, and nothing is unknown', async () => {
  await using fleet = await movingFleet()
  expect(await alertsIn(fleet)).toEqual({ alerts: [], omitted: 0, unknownDevices: 0 })
})

test('silent devices raise an alert by site with the time of the last report, until they are back', async () => {
  await using fleet = await movingFleet()
  const heardMs = fleet.clock.ms
  fleet.clock.ms += SILENCE_MS
  const { alerts, unknownDevices } = await alertsIn(fleet)
  expect(alerts).toMatchObject([
    { id: 'devices_stale:oslo', count: 3, sinceMs: heardMs },
    { id: 'devices_stale:bergen', count: 2, sinceMs: heardMs },
  ])
  expect(unknownDevices).toBe(5)
  const [one] = fleet.devices
  if (one) await fleet.leave(one)
  const stopped = (await alertsIn(fleet)).alerts.filter(({ message }) =>
    message.includes('the agents of 1 were stopped'),
  )
  expect(stopped).toHaveLength(1)
  await fleet.report(fleet.devices, () => 'silent')
  expect(await idsIn(fleet)).toEqual([])
})

test('a failure raises an alert that depends on what still serves, and a silent device is unknown', async () => {
  await using fleet = await movingFleet()
  const [broken, fallen] = fleet.devices as [FleetDevice, FleetDevice]
  await fleet.apply({ version: '1' })
  await fleet.report(fleet.devices.slice(1), () => 'active')
  await fleet.report([broken], () => 'failed')
  expect((await alertsIn(fleet)).alerts).toMatchObject([
    { code: 'devices_failed', count: 1, objects: [{ kind: 'device', name: broken.name }, { name: 'oslo' }] },
    { code: 'rollout_paused' },
  ])
  await fleet.apply({ version: '2' })
  await fleet.report([fallen], () => 'failed')
  expect(await idsIn(fleet)).toEqual(expect.arrayContaining(['devices_degraded:oslo']))
  fleet.clock.ms += SILENCE_MS
  const codes = (await alertsIn(fleet)).alerts.map(({ code }) => code)
  expect(codes).toContain('devices_stale')
  expect(codes).not.toContain('devices_failed')
})

test('an alert of a failure names the model, its cause, the commands and what serves there', async () => {
  await using fleet = await movingFleet()
  await fleet.addVersion('other', 1)
  const [broken] = fleet.devices as [FleetDevice]
  await fleet.apply({ name: 'sensor-all', version: '1' })
  await fleet.apply({ name: 'other-all', deployable: 'other', version: '1' })
  await fleet.report(fleet.devices, (item, device) =>
    item.name === 'sensor' && device === broken ? 'failed' : 'active',
  )
  const [failed] = (await alertsIn(fleet)).alerts
  expect(failed).toMatchObject({
    code: 'devices_failed',
    message: `sensor:1 failed on ${broken.name} at oslo: golden_mismatch: case 1 is off by 3; no version of sensor serves there, other models do: other:1`,
    action: expect.stringContaining(`\`skerry device retry ${broken.name} sensor-all\``),
  })
  await fleet.report([broken], () => 'active')
  await fleet.apply({ name: 'sensor-all', version: '2' })
  await fleet.report([broken], (item) => (item.name === 'sensor' ? 'failed' : 'active'))
  const degraded = (await alertsIn(fleet)).alerts.find(({ code }) => code === 'devices_degraded')
  expect(degraded?.message).toBe(
    `sensor:2 failed on ${broken.name} at oslo: golden_mismatch: case 1 is off by 3; version 1 still serves`,
  )
  expect(degraded?.action).toContain(`\`skerry deployment explain sensor-all ${broken.name}\``)
})

test('an admitted device that never reported raises an alert after a while, and counts as unknown before', async () => {
  await using fleet = await movingFleet()
  await fleet.store.transaction((tx) => tx.deleteFrom('device_reports').execute())
  expect(await alertsIn(fleet)).toMatchObject({ alerts: [], unknownDevices: 5 })
  fleet.clock.ms += 16 * 60_000
  expect(await idsIn(fleet)).toEqual(['devices_unheard:oslo', 'devices_unheard:bergen'])
})

test('devices that wait for a person raise an alert until they are admitted', async () => {
  await using fleet = await movingFleet()
  const [waiting, restored, revoked] = fleet.devices as [FleetDevice, FleetDevice, FleetDevice]
  await change(fleet, [waiting], { status: 'pending' })
  await change(fleet, [restored], { status: 'conflict-paused' })
  await change(fleet, [revoked], { status: 'revoked' })
  expect((await alertsIn(fleet)).alerts).toMatchObject([
    { id: 'devices_conflict_paused:oslo', severity: 'warning', objects: [{ name: restored.name }, {}] },
    { id: 'devices_pending:oslo', severity: 'info', objects: [{ name: waiting.name }, {}] },
  ])
  fleet.clock.ms += SILENCE_MS
  const [stale] = (await alertsIn(fleet)).alerts.filter(({ id }) => id === 'devices_stale:oslo')
  // Pending and rejected devices do not count as silent.
  expect(stale?.count).toBe(1)
  await change(fleet, fleet.devices, { status: 'active' })
  expect((await alertsIn(fleet)).alerts.every(({ code }) => code === 'devices_stale')).toBe(true)
})

test('conditions of devices raise an alert by their code, while the devices report', async () => {
  await using fleet = await movingFleet()
  const conditions = toJson([
    { code: 'disk_low', message: '3 MB free' },
    { code: 'clock_wrong', message: 'late' },
  ])
  const [first] = fleet.devices as [FleetDevice]
  await fleet.store.transaction((tx) =>
    tx.updateTable('device_reports').set({ conditions }).where('device_id', '=', first.id).execute(),
  )
  const { alerts } = await alertsIn(fleet)
  expect(alerts).toMatchObject([
    { id: 'devices_in_trouble:clock_wrong', link: `/devices/${first.name}` },
    { id: 'devices_in_trouble:disk_low', action: 'Free disk space; the agent has already removed old versions' },
  ])
  fleet.clock.ms += SILENCE_MS
  expect((await idsIn(fleet)).filter((id) => id.startsWith('devices_in_trouble'))).toEqual([])
})

test('expired certificates, and overdue renewals, raise an alert', async () => {
  await using fleet = await movingFleet()
  const [ended, ending, renewed] = fleet.devices as [FleetDevice, FleetDevice, FleetDevice]
  const endsIn = (ms: number) => ({ certificate_not_after_ms: fleet.clock.ms + ms })
  await change(fleet, [ended], endsIn(-1))
  await change(fleet, [ending], endsIn(CERTIFICATE_NOTICE_MS - 1))
  await change(fleet, [renewed], endsIn(CERTIFICATE_NOTICE_MS))
  expect((await alertsIn(fleet)).alerts).toMatchObject([
    {
      id: 'certificates_ended',
      count: 1,
      dueMs: fleet.clock.ms - 1,
      objects: [{ name: ended.name }],
      action: expect.stringContaining('`skerry device token create --site oslo`'),
    },
    { id: 'certificates_ending', count: 1, objects: [{ name: ending.name }] },
  ])
})

const person = { kind: 'key', id: 'key_aaaaaaaa', name: 'owner' } as const

test('a rollout that the hub paused raises an alert with the reason, and a pause by a person raises none', async () => {
  await using fleet = await movingFleet()
  await fleet.apply({ version: '1' })
  await fleet.report(fleet.devices, () => 'active')
  await fleet.apply({ version: '2', strategy: { waves: [{ name: 'canary', limit: 1 }] } })
  const canaries = await fleet.offered()
  await fleet.report(canaries, () => 'failed')
  const { id } = await fleet.rollout()
  const paused = (await alertsIn(fleet)).alerts.find(({ code }) => code === 'rollout_paused')
  expect(paused).toMatchObject({
    id: `rollout_paused:${id}`,
    link: `/rollouts/${id}`,
    sinceMs: fleet.clock.ms,
    message: `the rollout of sensor, revision 2 is paused: 1 failed in wave canary, 0 allowed (${canaries[0]?.name})`,
  })
  await fleet.steer('resume')
  expect(await idsIn(fleet)).not.toContain(`rollout_paused:${id}`)
  await fleet.steer('pause')
  await fleet.store.transaction((tx) =>
    appendAudit(tx, {
      organisationId: fleet.organisationId,
      atMs: fleet.clock.ms,
      actor: person,
      action: 'rollout.pause',
      object: { kind: 'rollout', id },
      result: 'ok',
      detail: {},
    }),
  )
  expect(await idsIn(fleet)).not.toContain(`rollout_paused:${id}`)
})

test('a rollout that the hub rolled back raises an alert until there is a newer revision', async () => {
  await using fleet = await movingFleet()
  await fleet.apply({ version: '1' })
  await fleet.report(fleet.devices, () => 'active')
  await fleet.apply({ version: '2', strategy: { onFailure: 'rollback-all' } })
  await fleet.report(fleet.devices, ({ version }) => (version === 2 ? 'failed' : 'active'))
  const { id } = await fleet.rollout()
  expect(await idsIn(fleet)).toContain(`rollout_stopped:${id}`)
  await fleet.apply({ version: '1', serving: { instances: 2 } })
  expect(await idsIn(fleet)).not.toContain(`rollout_stopped:${id}`)
})

test('devices that miss the deadline of their wave raise an alert while the rollout continues', async () => {
  await using fleet = await movingFleet()
  const wave = { name: 'all', limit: '100%', failuresMax: 5, deadlineSeconds: 60, soakSeconds: 3_600 }
  await fleet.apply({ version: '1', strategy: { waves: [wave] } })
  await fleet.report(fleet.devices.slice(2), () => 'active')
  await fleet.pass(61_000)
  const { status, id } = await fleet.rollout()
  const late = (await alertsIn(fleet)).alerts.filter(({ code }) => code === 'rollout_timed_out')
  expect([status, late.map(({ count, link }) => [count, link])]).toEqual(['rolling', [[2, `/rollouts/${id}`]]])
  await fleet.report(fleet.devices, () => 'active')
  expect(await idsIn(fleet)).toEqual([])
})

test("the hub's own certificates, its disk, and keys that expire raise an alert", async () => {
  await using fleet = await movingFleet()
  const endsIn = (ms: number) => fleet.clock.ms + ms
  const codes = async (own: Own) => (await alertsIn(fleet, own)).alerts.map(({ code, severity }) => [code, severity])
  expect(await codes({ config: { certificateNotAfterMs: endsIn(SERVER_NOTICE_MS.warning - 1) } })).toEqual([
    ['hub_certificate_ending', 'warning'],
  ])
  expect(await codes({ config: { authorityNotAfterMs: endsIn(AUTHORITY_NOTICE_MS.critical - 1) } })).toEqual([
    ['hub_authority_ending', 'critical'],
  ])
  expect(await codes({ freeBytes: 2 ** 30 })).toEqual([['hub_disk_low', 'warning']])
  expect(await codes({ freeBytes: 0 })).toEqual([['hub_disk_full', 'critical']])
  const key = (name: string, expiresAtMs: number | null, revokedAtMs: number | null = null) => ({
    id: fleet.ids.key(),
    organisation_id: fleet.organisationId,
    name,
    role: 'viewer' as const,
    secret_hash: name,
    created_at_ms: 0,
    last_used_at_ms: null,
    expires_at_ms: expiresAtMs,
    revoked_at_ms: revokedAtMs,
    user_id: null,
    is_multi_factor: 0 as const,
  })
  const soon = endsIn(KEY_NOTICE_MS - 1)
  const keys = [key('for-ever', null), key('over', 1), key('soon', soon), key('gone', soon, 1), key('later', soon + 1)]
  await fleet.store.transaction((tx) => tx.insertInto('keys').values(keys).execute())
  expect((await alertsIn(fleet)).alerts).toMatchObject([{ code: 'keys_ending', count: 1, objects: [{ name: 'soon' }] }])
})

test('the cost grows with the problems and not with the fleet, and thousands of failures are one alert', async () => {
  await using fleet = await openFleet()
  const sites = ['a', 'b', 'c', 'd']
  for (const site of sites) await fleet.addDevices(250, { site })
  const cost = async () => {
    Object.assign(fleet.counts, { queries: 0, rows: 0 })
    const { alerts } = await alertsIn(fleet)
    return { ...fleet.counts, alerts: alerts.map(({ id, count }) => [id, count]) }
  }
  const well = await cost()
  expect(well).toMatchObject({ alerts: [] })
  expect(well.rows).toBeLessThan(10)
  fleet.clock.ms += SILENCE_MS
  const silent = await cost()
  expect(silent).toMatchObject({ queries: well.queries, alerts: [['devices_stale', 1_000]] })
  expect(silent.rows).toBeLessThan(well.rows + 10)
})

test('every query begins at an index', async () => {
  await using fleet = await openFleet()
  const asked: { sql: string; parameters: readonly unknown[] }[] = []
  const { db } = fleet.store
  const watched = db.withPlugin({
    transformQuery({ node, queryId }) {
      asked.push(db.getExecutor().compileQuery(node, queryId))
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  })
  await alertsIn({ ...fleet, store: { ...fleet.store, db: watched } })
  const plans: string[] = []
  for (const { sql, parameters } of asked) {
    const explained = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters])
    const { rows } = await db.executeQuery<{ detail: string }>(explained)
    plans.push(...rows.map(({ detail }) => detail))
  }
  expect(plans.filter((plan) => plan.startsWith('SCAN ') && plan !== 'SCAN items')).toEqual([])
  const indexes = [
    'device_items_failed',
    'device_reports_by_stale_at_ms',
    'device_reports_troubled',
    'devices_by_status',
  ]
  for (const index of [...indexes, 'devices_by_certificate_not_after_ms']) expect(plans.join('\n')).toContain(index)
})

test('a version that is slower on a device than its goal raises an alert, until it is fast again', async () => {
  await using fleet = await openFleet()
  const devices = await fleet.addDevices(3)
  const { privateKeyPem } = generateKeyPair()
  await fleet.addVersion('sensor', 1, 17, privateKeyPem)
  await fleet.apply({})
  await addBuild(fleet, { model: 'sensor', version: 1, recipe: 'float16', privateKeyPem })
  const serve = (p95Us: number, requests = 100) =>
    fleet.report(
      devices,
      () => 'active',
      ({ name }) => ({ requests, failures: 0, p50Us: 1_000, p95Us: name === devices[0]?.name ? p95Us : 11_000 }),
    )
  await addGoal(fleet, 'sensor', { agreementMin: 0.99, differenceMax: 0.05, p95MaxMs: 12 })
  await serve(20_000, 99)
  expect(await idsIn(fleet)).toEqual([])
  await serve(20_000)
  const { alerts } = await alertsIn(fleet)
  expect(alerts).toMatchObject([{ id: 'model_slow:sensor:1', count: 1, objects: [{ name: devices[0]?.name }] }])
  expect(alerts[0]?.action).toContain('--recipe dynamic-int8 --recipe matmul-4bit ')
  expect(alerts[0]?.action).not.toContain('--recipe float16')
  await serve(11_900)
  expect(await idsIn(fleet)).toEqual([])
  await serve(20_000)
  await addGoal(fleet, 'sensor', { agreementMin: 0.99, differenceMax: 0.05, p95MaxMs: 30 })
  expect(await idsIn(fleet)).toEqual([])
})

test('a viewer gets the alerts of the fleet, but not those of keys, and a new device counts as unknown', async () => {
  await using hub = await startTestHub()
  type Answer = { alerts: Alert[]; unknownDevices: number }
  const expiresInSeconds = 3_600
  const { body: key } = await hub.ask<{ secret: string }>('POST', '/v1/keys', {
    body: { name: 'looker', role: 'viewer', expiresInSeconds },
  })
  await joinDevice(hub, { site: 'oslo' })
  const owner = await hub.ask<Answer>('GET', '/v1/alerts')
  const viewer = await hub.ask<Answer>('GET', '/v1/alerts', { key: key.secret })
  const codes = ({ body }: typeof owner) =>
    body.alerts.map(({ code }) => code).filter((code) => !code.startsWith('hub_disk'))
  expect([codes(owner), codes(viewer), owner.body.unknownDevices]).toEqual([['keys_ending'], [], 1])
})
