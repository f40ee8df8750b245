/** Windows at the hub: each counts once, and a window of other bins spoils no sum. */
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { type MonitorWindow, ReferenceProfile, WINDOW_SIGNAL } from '@skerry/contract/monitors/profile'
import type { DeviceId } from '@skerry/contract/values/ids'
import { countsOf } from '@skerry/core/monitors/bins'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeTelemetry } from '../../src/telemetry/take-telemetry.ts'
import { addDevices } from '../stage/fleet/fleet-records.ts'
import { runModel } from '../stage/fleet/runs-model.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const VALUES = Array.from({ length: 600 }, (_, at) => (at * 0.618_033_988_7) % 1)

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
  const data = Buffer.from(Float32Array.from(VALUES).buffer).toString('base64')
  const parts = {
    ...unary('Abs'),
    inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1] }],
  }
  const inputs = { x: { datatype: 'FP32', shape: [VALUES.length], data } }
  await push(hub, 'm', modelBytes(parts), { golden: { cases: [{ inputs }] } })
})
afterAll(() => hub?.[Symbol.asyncDispose]())

test('a window counts once, and windows of other bins, counts or profiles change no verdict', async () => {
  const path = '/v1/models/m/versions/1/profile'
  const { digest } = (await hub.ask<{ digest: MonitorWindow['profile'] }>('PUT', path, { body: {} })).body
  const profile = ReferenceProfile.parse((await hub.ask('GET', path)).body)
  await hub.ask('PUT', '/v1/monitors/m', { body: { spec: { drift: {}, missing: {} } } })
  const { store, ids, clock } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const place = { store, ids, organisationId, clock: { ms: clock.nowMs() }, devices: [] }
  const [device, stranger] = await addDevices(place, 2, {})
  if (!device || !stranger) throw new Error('no device was added')
  await runModel(hub.hub, [device], { organisationId, name: 'm', version: 1 })
  const startMs = Math.floor((clock.nowMs() - 60_000) / 300_000) * 300_000
  const features = profile.features.map(({ edges }) => countsOf(edges, VALUES))
  const right = { v: 1, model: 'm', version: 1, profile: digest, startMs, endMs: startMs + 300_000 } as const
  const counted = { ...right, rows: VALUES.length, counted: VALUES.length, features }
  const send = (first: number, ...windows: object[]) => sendAs(device.id, first, ...windows)
  const sendAs = (deviceId: DeviceId, first: number, ...windows: object[]) =>
    takeTelemetry(
      hub.hub,
      { deviceId, organisationId },
      {
        stream: '0123456789abcdef',
        lane: 'bulk',
        first,
        values: windows.map((window) => ({
          signal: `${WINDOW_SIGNAL}m`,
          eventTimeMs: startMs,
          quality: 'good',
          value: JSON.stringify(window),
        })),
      },
    )
  await send(1, { ...counted, features: [] }, { ...counted, features: [{ counts: [1], missing: 0 }] })
  await send(3, { ...counted, profile: `sha256:${'0'.repeat(64)}` }, { v: 2 }, { ...counted, version: 7 })
  await send(6, { ...counted, features: features.map((each) => ({ ...each, counts: [1e300] })) }, counted)
  expect(await send(7, counted)).toEqual({ last: 7 })
  await send(8, { ...counted, startMs: startMs - 300_000, endMs: startMs, lost: 5 })
  await sendAs(stranger.id, 1, counted)
  const { body } = await hub.ask<Monitor>('GET', '/v1/monitors/m')
  expect(body.dropped).toEqual([
    { reason: 'bins', windows: 4, rows: 4 * VALUES.length },
    { reason: 'stranger', windows: 1, rows: VALUES.length },
    { reason: 'unreadable', windows: 2, rows: 0 },
  ])
  expect(body.versions.find((each) => 'version' in each && each.version === 1)).toMatchObject({
    state: 'ok',
    windows: 2,
    rows: 2 * VALUES.length,
    lost: 5,
    cohorts: [{ cohort: 'site=plant', windows: 2, state: 'ok' }],
  })
})
