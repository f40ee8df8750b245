/** A version with other features: its history is its own, the history before it stays, and the monitor says so. */
import type { Monitor, StabilitySeries } from '@skerry/contract/monitors/monitor'
import { ReferenceProfile, WINDOW_SIGNAL } from '@skerry/contract/monitors/profile'
import { countsOf } from '@skerry/core/monitors/bins'
import { explainMonitor } from '@skerry/core/monitors/explain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeTelemetry } from '../../src/telemetry/take-telemetry.ts'
import { addDevices } from '../stage/fleet/fleet-records.ts'
import { runModel } from '../stage/fleet/runs-model.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const WINDOW_MS = 300_000
const VALUES = Array.from({ length: 600 }, (_, at) => (at * 0.618_033_988_7) % 1)
const DATA = Buffer.from(Float32Array.from(VALUES).buffer).toString('base64')

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
  for (const input of ['a', 'b']) await pushWithInput(input)
})
afterAll(() => hub?.[Symbol.asyncDispose]())

/** One more version of `m`, with a reference profile. */
async function pushWithInput(input: string): Promise<void> {
  const floats = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] })
  const node = { operator: 'Abs', inputs: [input], outputs: ['y'] }
  const parts = { ...unary('Abs'), inputs: [floats(input)], outputs: [floats('y')], nodes: [node] }
  const inputs = { [input]: { datatype: 'FP32', shape: [VALUES.length], data: DATA } }
  const { body, text } = await push(hub, 'm', modelBytes(parts), { golden: { cases: [{ inputs }] } })
  expect(body.code, text).toBeUndefined()
  const made = await hub.ask('PUT', `/v1/models/m/versions/${input === 'a' ? 1 : 2}/profile`, { body: {} })
  expect(made.status, made.text).toBe(200)
}

const seriesOf = async (version: number) =>
  (await hub.ask<StabilitySeries>('GET', `/v1/monitors/m/series?version=${version}`)).body

test('a renamed feature is named as gone and as new, and the series of both versions stay apart', async () => {
  expect((await hub.ask('PUT', '/v1/monitors/m', { body: { spec: { drift: {}, missing: {} } } })).status).toBe(200)
  const { store, ids, clock } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const place = { store, ids, organisationId, clock: { ms: clock.nowMs() }, devices: [] }
  const [device] = await addDevices(place, 1, {})
  if (!device) throw new Error('no device was added')
  const lastMs = Math.floor((clock.nowMs() - 60_000) / WINDOW_MS) * WINDOW_MS
  for (const [version, startMs] of [
    [1, lastMs - 7_200_000],
    [2, lastMs],
  ] as const) {
    await store.transaction((tx) => tx.deleteFrom('device_items').execute())
    await runModel(hub.hub, [device], { organisationId, name: 'm', version })
    const { digest } = await store.db
      .selectFrom('version_profiles as profile')
      .innerJoin('versions', 'versions.id', 'profile.version_id')
      .select('profile.digest')
      .where('versions.version', '=', version)
      .executeTakeFirstOrThrow()
    const profile = ReferenceProfile.parse((await hub.ask('GET', `/v1/models/m/versions/${version}/profile`)).body)
    const features = profile.features.map(({ edges }) => countsOf(edges, VALUES))
    const rows = VALUES.length
    const times = { startMs, endMs: startMs + WINDOW_MS }
    const window = { v: 1, model: 'm', version, profile: digest, ...times, rows, counted: rows, features }
    const value = JSON.stringify(window)
    await takeTelemetry(
      hub.hub,
      { deviceId: device.id, organisationId },
      {
        stream: '0123456789abcdef',
        lane: 'bulk',
        first: version,
        values: [{ signal: `${WINDOW_SIGNAL}m`, eventTimeMs: startMs, quality: 'good', value }],
      },
    )
  }

  const monitor = (await hub.ask<Monitor>('GET', '/v1/monitors/m')).body
  expect(monitor.versions.map(({ version, changes }) => [version, changes])).toEqual([
    [2, { before: 1, added: ['b'], removed: ['a'], changed: [] }],
  ])
  expect(monitor.earlier).toEqual([1])
  const [explained] = explainMonitor(monitor, { time: String })
  expect(explained?.lines.join('\n')).toContain(
    'Feature a of version 1 is not in version 2. Feature b is new in version 2.',
  )

  const [first, second] = [await seriesOf(1), await seriesOf(2)]
  expect([first.features, second.features]).toEqual([
    ['a', 'y'],
    ['b', 'y'],
  ])
  expect([first, second].map(({ points }) => points.map(({ rows }) => rows))).toEqual([[600], [600]])
  expect(first.points[0]?.startMs, 'windows of another version are in no point').not.toBe(second.points[0]?.startMs)
})
