/** The monitor of a source: windows of its tags become the reference, and later windows are compared with it. */
import type { Monitor, ProfileSummary } from '@skerry/contract/monitors/monitor'
import { type MonitorWindow, windowSignal } from '@skerry/contract/monitors/profile'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { addValue, countsIn, createTally } from '@skerry/core/monitors/bins'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWatches } from '../../src/monitors/device-watches.ts'
import { sweepMonitors } from '../../src/monitors/monitor-sweep.ts'
import { takeTelemetry } from '../../src/telemetry/take-telemetry.ts'
import { addDevices, type FleetDevice } from '../stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const SUBJECT = 'source:press'
const PATH = `/v1/monitors/${encodeURIComponent(SUBJECT)}`
const WINDOW_MS = 300_000
const ROWS = 300

let hub: TestHub
let organisationId: OrganisationId
let devices: FleetDevice[]
beforeAll(async () => {
  hub = await startTestHub()
  const { store, ids, clock } = hub.hub
  organisationId = (await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()).id
  const place = { store, ids, organisationId, clock: { ms: clock.nowMs() } }
  const bremen = await addDevices({ ...place, devices: [] }, 1, { site: 'bremen', labels: {} })
  devices = [...bremen, ...(await addDevices({ ...place, devices: bremen }, 1, { site: 'hamburg', labels: {} }))]
})
afterAll(() => hub?.[Symbol.asyncDispose]())

const tag = (name: string) => ({ name, signal: { kind: 'constant', value: 1 } })

const SPEC = {
  name: 'press',
  protocol: 'simulator',
  groups: [{ name: 'fast', everyMs: 1_000, tags: [tag('speed'), tag('running')] }],
}

const set = (rules: object = {}) => hub.ask<Monitor>('PUT', PATH, { body: { spec: { rowsMin: 500, ...rules } } })

/** The document that tells the devices what to count. */
async function watchOf(device: FleetDevice) {
  const { sources = [] } =
    (await newWatches(hub.hub.store.db, { id: device.id, organisation_id: organisationId }, undefined)) ?? {}
  const [watch] = sources
  if (!watch) throw new Error('the device watches no source')
  return watch
}

/** All devices report that the source runs. */
async function run(): Promise<void> {
  const { store } = hub.hub
  const { id } = await store.db.selectFrom('connections').select('id').executeTakeFirstOrThrow()
  await store.transaction(async (tx) => {
    for (const device of devices)
      await tx
        .insertInto('connection_states')
        .values({
          organisation_id: organisationId,
          device_id: device.id,
          kind: 'source',
          name: 'press',
          connection_id: id,
          state: 'up',
          since_ms: 1,
          message: null,
          values_per_second: 1,
        })
        .execute()
  })
}

let sent = 0

/** One window of each device: its speed is spread over 10 from the given start, and it runs half of the time. */
async function send(starts: readonly number[]): Promise<Monitor> {
  const startMs = Math.floor((hub.hub.clock.nowMs() - 60_000) / WINDOW_MS) * WINDOW_MS
  sent += 1
  for (const [place, device] of devices.entries()) {
    const { model, version, profile, features } = await watchOf(device)
    const tallies = features.map(({ edges, hasGrid }) => createTally(edges, hasGrid))
    for (let row = 0; row < ROWS; row++) {
      const [speed, running] = tallies
      if (speed) addValue(speed, (starts[place] ?? 0) + ((row * 0.618_033_988_7) % 1) * 10)
      if (running) addValue(running, row % 2)
    }
    const window: MonitorWindow = {
      v: 1,
      model,
      version,
      profile,
      startMs,
      endMs: startMs + WINDOW_MS,
      rows: ROWS,
      counted: ROWS,
      features: tallies.map(countsIn),
    }
    const value = {
      signal: windowSignal(model),
      eventTimeMs: startMs,
      quality: 'good' as const,
      value: JSON.stringify(window),
    }
    const batch = { stream: '0123456789abcdef', lane: 'bulk' as const, first: sent, values: [value] }
    await takeTelemetry(hub.hub, { deviceId: device.id, organisationId }, batch)
  }
  await sweepMonitors(hub.hub)
  return (await hub.ask<Monitor>('GET', PATH)).body
}

test('tags are counted without a reference, become it, and each site is compared with its own', async () => {
  await hub.ask('PUT', '/v1/sources/press', { body: { spec: SPEC } })
  expect((await set({ cohorts: ['site'], reference: 'cohort' })).status).toBe(200)
  await run()
  expect(await watchOf(devices[0] as FleetDevice)).toMatchObject({
    model: SUBJECT,
    version: 1,
    features: [
      { feature: 'speed', edges: [], hasGrid: true },
      { feature: 'running', edges: [], hasGrid: true },
    ],
  })
  // Hamburg runs faster than Bremen, as it always does.
  await send([0, 40])
  const begun = await send([0, 40])
  expect(begun.versions).toMatchObject([{ version: 1, state: 'unprofiled', rows: 4 * ROWS }])
  const made = await hub.ask<ProfileSummary>('POST', `${PATH}/baseline`, { body: { days: 7 } })
  expect(made.body).toMatchObject({ version: 2, origin: 'devices', rows: 4 * ROWS, features: 2, cohorts: 2 })
  const { body: noted } = await hub.ask<{ rows: object[] }>('GET', '/v1/audit?action=monitor.baseline')
  expect(noted.rows).toMatchObject([{ object: { id: SUBJECT }, detail: { version: 2 } }])

  await send([0, 40])
  const calm = await send([0, 40])
  const [verdict] = calm.versions
  expect(verdict).toMatchObject({
    version: 2,
    state: 'ok',
    cohorts: [{ isOwnReference: true }, { isOwnReference: true }],
  })
  const features = new Map(verdict?.features.map((feature) => [feature.feature, feature]))
  expect(features.get('running')).toMatchObject({ form: 'category', bins: { edges: [0, 1, 2] } })
  expect(features.get('speed')?.bins?.edges.length).toBeGreaterThan(5)
})

test('a site that moved alerts, also within the range of the other site, and a flow can be held', async () => {
  await push(hub, 'line', modelBytes(unary('Abs')))
  await hub.hub.store.transaction((tx) => tx.updateTable('models').set({ kind: 'flow' }).execute())
  await set({ reference: 'cohort', windows: 1, rowsMin: 200, actions: [{ do: 'hold', flow: 'line', isDryRun: false }] })
  const moved = await send([40, 40])
  expect(moved.versions[0]).toMatchObject({ state: 'alert', moved: ['site=bremen'] })
  expect(moved.acts).toMatchObject([{ action: 'hold line', version: 2, outcome: 'done' }])
  expect(moved.holds).toMatchObject([{ flow: 'line' }])
})

test('a device without the source is not counted, and actions on versions are refused', async () => {
  await hub.hub.store.transaction((tx) => tx.deleteFrom('connection_states').execute())
  const { dropped } = await send([0, 40])
  expect(dropped).toEqual([{ reason: 'stranger', windows: 2, rows: 2 * ROWS }])
  const { body } = await hub.ask('PUT', PATH, { body: { spec: { actions: [{ do: 'rollback' }] } } })
  expect(body).toMatchObject({ code: 'monitor_refused', message: expect.stringContaining('cannot do "rollback"') })
})

test('another list of tags begins a new version, and keeps the reference of the others', async () => {
  await set({ tags: ['running'] })
  const { version, features } = await watchOf(devices[0] as FleetDevice)
  expect({ version, features }).toMatchObject({ version: 3, features: [{ feature: 'running', edges: [0, 1, 2] }] })
})
