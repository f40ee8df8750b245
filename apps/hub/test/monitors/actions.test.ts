/** Actions of monitors at the hub: each is done once, within its limits, and can be muted and released. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HeldCaptures } from '@skerry/contract/held/captures'
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { newCaptures } from '../../src/captures/device-captures.ts'
import { newWatches } from '../../src/monitors/device-watches.ts'
import { sweepMonitors } from '../../src/monitors/monitor-sweep.ts'
import { wantedSecrets } from '../../src/secrets/device-secrets.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { monitoredModel, monitorOf, type Rules, sendWindows, setMonitor } from './monitored.ts'

let receiver: Server
let url: string
const told: { signature: string | undefined; token: string | undefined; body: Record<string, unknown> }[] = []
beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { authorization: token, 'skerry-signature': signature } = request.headers
    told.push({ signature: signature as string, token, body: JSON.parse(text) })
    response.end()
  })
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
})
afterAll(() => receiver.close())

let hub: TestHub
let fleet: Awaited<ReturnType<typeof monitoredModel>>
beforeEach(async () => {
  hub = await startTestHub({ webhooks: { allowed: [{ host: '127.0.0.1' }], secret: 'a secret of the plant' } })
  fleet = await monitoredModel(hub)
  told.length = 0
})
afterEach(() => hub?.[Symbol.asyncDispose]())

const acts = async () => (await monitorOf(hub)).acts.map(({ action, outcome }) => [action, outcome])

test('a site that moved alerts, and the verdict, the alert and the metrics name it', async () => {
  await setMonitor(hub, { cohorts: ['site', 'label:line'] })
  await sendWindows(hub, fleet, [0, 0.9])
  const { versions, state, revision } = await monitorOf(hub)
  expect([state, revision]).toEqual(['alert', 1])
  expect(versions[0]).toMatchObject({ version: 2, moved: ['line=2', 'site=hamburg'] })
  expect(versions[0]?.cohorts?.map(({ cohort, state: of }) => [cohort, of])).toEqual([
    ['line=2', 'alert'],
    ['site=hamburg', 'alert'],
    ['line=1', 'ok'],
    ['site=bremen', 'ok'],
  ])
  const { body } = await hub.ask<{ alerts: { code: string; message: string; action: string }[] }>('GET', '/v1/alerts')
  expect(body.alerts.find(({ code }) => code === 'model_moved')?.message).toContain('site=hamburg')
  const { text } = await hub.ask('GET', '/metrics')
  expect(text).toMatch(/skerry_monitor_state\{[^}]*model="m",version="2"\} 2/)
  expect(text).toMatch(/skerry_monitor_stability\{[^}]*feature="x"\} [0-9.]+/)

  // A hub that does not lead has the same figures for Prometheus, and none for OpenTelemetry, which would count twice.
  const { led, registry } = hub.hub.metrics
  const figuresIn = (page: string) => page.split('\n').filter((line) => line.startsWith('skerry_monitor_'))
  expect(figuresIn(await led.monitors.metrics())).toEqual(figuresIn(text))
  led.monitors.clear()
  expect(figuresIn((await hub.ask('GET', '/metrics')).text)).toEqual(figuresIn(text))
  expect(figuresIn(`${await registry.metrics()}\n${await led.monitors.metrics()}`)).toEqual([])
})

test('a webhook is signed and sent once, with what moved and no value of a row', async () => {
  const actions = [
    { do: 'webhook', url, isDryRun: false },
    { do: 'webhook', url, body: 'github', job: 'retrain', isDryRun: false },
    { do: 'webhook', url, body: 'airflow', isDryRun: false },
    { do: 'webhook', url, body: 'mlflow', job: '7' },
  ]
  await setMonitor(hub, { actions })
  await sendWindows(hub, fleet, [3, 3])
  await sweepMonitors(hub.hub)
  expect((await acts()).toSorted()).toEqual([
    ['webhook airflow', 'done'],
    ['webhook github', 'done'],
    ['webhook mlflow', 'dry-run'],
    ['webhook skerry', 'done'],
  ])
  expect(told).toHaveLength(3)
  expect(told.every(({ signature }) => signature?.startsWith('t='))).toBe(true)
  const bodies = told.map(({ body }) => body)
  expect(bodies).toContainEqual(
    expect.objectContaining({ kind: 'monitor.alerted', model: 'm', version: 2, state: 'alert' }),
  )
  expect(bodies).toContainEqual({ event_type: 'retrain', client_payload: expect.objectContaining({ model: 'm' }) })
  expect(bodies).toContainEqual(expect.objectContaining({ dag_run_id: expect.stringContaining('skerry-m-2-') }))
})

test('a webhook has a token that no device gets, and an editor cannot send it elsewhere', async () => {
  const token = 'ghp_0123456789'
  const action = { do: 'webhook', url, body: 'github', token: { secret: 'github-token' }, isDryRun: false }
  expect((await setMonitor(hub, { actions: [action] })).body).toMatchObject({ code: 'monitor_refused' })
  const secret = { name: 'github-token', scope: 'hub', value: Buffer.from(`${token}\n`).toString('base64') }
  const saved = await hub.ask<{ scope: string }>('POST', '/v1/secrets', { body: secret })
  expect(saved.body.scope).toBe('hub')
  expect((await setMonitor(hub, { actions: [action] })).status).toBe(200)
  await sendWindows(hub, fleet, [3, 3])
  expect(told.map((one) => one.token)).toEqual([`Bearer ${token}`])
  const device = await hub.hub.store.db.selectFrom('devices').selectAll().executeTakeFirstOrThrow()
  expect((await wantedSecrets(hub.hub.store.db, device)).rows).toEqual([])
  const { text } = await hub.ask('GET', '/v1/audit')
  expect(text).not.toContain(token)

  const { body: key } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'e', role: 'editor' } })
  const asEditor = (rules: object) =>
    hub.ask('PUT', '/v1/monitors/m', { key: key.secret, body: { spec: { drift: {}, missing: {}, ...rules } } })
  expect((await asEditor({ actions: [{ ...action, weeklyMax: 1 }] })).status).toBe(200)
  const elsewhere = { ...action, url: 'https://editor.example/' }
  expect((await asEditor({ actions: [elsewhere] })).body).toMatchObject({ code: 'monitor_refused' })
})

test('rows are ordered from devices by the capture of the model, and an editor cannot order more', async () => {
  const action = { do: 'capture', rows: 20, isDryRun: false }
  expect((await setMonitor(hub, { actions: [action] })).body).toMatchObject({ code: 'monitor_refused' })
  const rules = { when: 'confidence < 0.1', purpose: 'improve the model', redact: ['x[0:1]'] }
  await hub.ask('PUT', '/v1/captures/m', { body: { rules } })
  expect((await setMonitor(hub, { actions: [action] })).status).toBe(200)
  await sendWindows(hub, fleet, [3, 3])
  expect(await acts()).toEqual([['capture', 'done']])
  const row = await hub.hub.store.db.selectFrom('devices').selectAll().executeTakeFirstOrThrow()
  const ruleFor = async (held: HeldCaptures) => (await newCaptures(hub.hub.store.db, row, held))?.captures[0]
  expect(await ruleFor({ boxes: true })).toMatchObject({ redact: ['x[0:1]'], order: { version: 2, rows: 20 } })
  // A device that knows no boxes redacts the whole tensor.
  expect(await ruleFor({})).toMatchObject({ redact: ['x'] })

  const { body: key } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'e', role: 'editor' } })
  const spec = { drift: {}, missing: {}, actions: [{ ...action, rows: 21 }] }
  const asEditor = await hub.ask('PUT', '/v1/monitors/m', { key: key.secret, body: { spec } })
  expect(asEditor.body).toMatchObject({ code: 'monitor_refused' })
})

test('a receiver that refuses is a failed act, and the cool-down holds', async () => {
  await setMonitor(hub, { actions: [{ do: 'webhook', url: 'http://127.0.0.2:9/', isDryRun: false }] })
  await sendWindows(hub, fleet, [3, 3])
  await sweepMonitors(hub.hub)
  expect(await acts()).toEqual([['webhook skerry', 'failed']])
})

test('a rollout is paused, and a challenger is a shadow that never serves', async () => {
  await setMonitor(hub, {
    actions: [
      { do: 'pause', isDryRun: false },
      { do: 'shadow', challenger: '1', isDryRun: false },
    ],
  })
  const before = (await hub.ask<{ rolloutId: string }>('GET', '/v1/deployments/m')).body
  await sendWindows(hub, fleet, [3, 3])
  expect((await acts()).toSorted()).toEqual([
    ['pause', 'done'],
    ['shadow', 'done'],
  ])
  const { rows } = (await hub.ask<{ rows: { action: string; object: { id: string } }[] }>('GET', '/v1/audit')).body
  expect(rows.filter(({ action }) => action === 'monitor.act')).toHaveLength(2)
  const events = await hub.ask('GET', `/v1/rollouts/${before.rolloutId}/events`)
  expect(events.text).toContain('the monitor of m alerted for version 2')
  const after = await hub.ask('GET', '/v1/deployments/m')
  expect(after.body).toMatchObject({ version: 1, spec: { strategy: { shadow: { promote: false } } } })
})

test('a mute stops alerts and actions, and ends', async () => {
  await setMonitor(hub, { actions: [{ do: 'rollback' }] })
  const body = { seconds: 3_600, reason: 'new sensors' }
  expect((await hub.ask<Monitor>('PUT', '/v1/monitors/m/mute', { body })).body).toMatchObject({ isMuted: true })
  await sendWindows(hub, fleet, [3, 3])
  expect(await monitorOf(hub)).toMatchObject({ state: 'alert', mute: { reason: 'new sensors' }, acts: [] })
  expect((await hub.ask('GET', '/v1/alerts')).text).not.toContain('model_moved')
  expect((await hub.ask<Monitor>('DELETE', '/v1/monitors/m/mute')).body).toMatchObject({ isMuted: false })
  await sweepMonitors(hub.hub)
  expect(await acts()).toEqual([['rollback', 'dry-run']])
})

test('a quiet time that is open mutes, and rules that cannot count are refused', async () => {
  const always = { cron: '* * * * *', timeZone: 'UTC', durationSeconds: 86_400 }
  await setMonitor(hub, { actions: [{ do: 'rollback' }], quietTimes: [always] })
  await sendWindows(hub, fleet, [3, 3])
  expect(await monitorOf(hub)).toMatchObject({ isMuted: true, acts: [] })
  const refused: Rules[] = [
    { actions: [{ do: 'rollback' }, { do: 'rollback' }] },
    { actions: [{ do: 'hold', flow: 'm' }] },
    { quietTimes: [{ ...always, cron: '99 * * * *' }] },
  ]
  for (const rules of refused) expect((await setMonitor(hub, rules)).body).toMatchObject({ code: 'monitor_refused' })
})

test('a flow is held on its devices until a person releases it', async () => {
  const { store, ids } = hub.hub
  const { organisationId, devices } = fleet
  const [device] = devices
  if (!device) throw new Error('no device')
  await store.transaction(async (tx) => {
    const model = await tx.selectFrom('models').selectAll().where('name', '=', 'm').executeTakeFirstOrThrow()
    await tx
      .insertInto('models')
      .values({ ...model, name: 'line-3', kind: 'flow' })
      .execute()
    const item = await tx
      .selectFrom('device_items')
      .selectAll()
      .where('device_id', '=', device.id)
      .executeTakeFirstOrThrow()
    await tx
      .insertInto('device_items')
      .values({ ...item, kind: 'flow', name: 'line-3', deployment_id: ids.deployment() })
      .execute()
  })
  const row = { id: device.id, organisation_id: organisationId }
  const holds = async () => (await newWatches(store.db, row, undefined))?.holds
  const hold = { do: 'hold', flow: 'line-3', isDryRun: false }
  expect((await setMonitor(hub, { actions: [hold] })).status).toBe(200)
  expect(await holds()).toBeUndefined()
  await sendWindows(hub, fleet, [3, 3])
  expect(await holds()).toEqual([{ flow: 'line-3', reason: expect.stringContaining('m:2 alerted') }])
  expect((await monitorOf(hub)).holds).toMatchObject([{ flow: 'line-3', version: 2 }])

  const release = { body: { reason: 'the sensor is replaced' } }
  expect((await hub.ask('POST', '/v1/monitors/m/holds/line-3/release', release)).status).toBe(200)
  expect(await holds()).toBeUndefined()
  expect((await hub.ask('POST', '/v1/monitors/m/holds/line-3/release', release)).body).toMatchObject({
    code: 'hold_unknown',
  })
})

test('the windows of devices become the profile, and rows that are too few do not', async () => {
  await setMonitor(hub)
  const path = '/v1/models/m/versions/2/profile/collect'
  expect((await hub.ask('POST', path, { body: { days: 7 } })).body).toMatchObject({ code: 'profile_refused' })
  await sendWindows(hub, fleet, [3, 3])
  const made = await hub.ask<{ digest: string }>('POST', path, { body: { days: 7 } })
  expect(made.body).toMatchObject({ origin: 'devices', rows: 1_200 })
  await sendWindows(hub, fleet, [3, 3])
  expect((await monitorOf(hub)).versions[0]?.state).toBe('ok')
})

test('sites that differ are compared with themselves, and one that becomes like the other moved', async () => {
  await setMonitor(hub)
  await sendWindows(hub, fleet, [0, 3])
  const path = '/v1/models/m/versions/2/profile/collect'
  const made = await hub.ask<{ cohorts: number }>('POST', path, { body: { days: 7 } })
  expect(made.body).toMatchObject({ origin: 'devices', cohorts: 2 })
  await sendWindows(hub, fleet, [0, 3])
  expect((await monitorOf(hub)).state).toBe('alert')
  await setMonitor(hub, { reference: 'cohort' })
  expect(await monitorOf(hub)).toMatchObject({ state: 'ok', versions: [{ cohorts: [{ isOwnReference: true }, {}] }] })
  await sendWindows(hub, fleet, [3, 3])
  expect((await monitorOf(hub)).versions[0]).toMatchObject({ state: 'alert', moved: ['site=bremen'] })
})
