/** Ranking: the hub names the features whose drift goes together with worse answers. */
import type { StabilitySeries } from '@skerry/contract/monitors/monitor'
import { type MonitorWindow, ReferenceProfile, WINDOW_SIGNAL } from '@skerry/contract/monitors/profile'
import { countsOf } from '@skerry/core/monitors/bins'
import { noScores, scoreBin } from '@skerry/core/monitors/calibration'
import { float32Tensor } from '@skerry/onnx/build'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeTelemetry } from '../../src/telemetry/take-telemetry.ts'
import { addDevices } from '../stage/fleet/fleet-records.ts'
import { runModel } from '../stage/fleet/runs-model.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push } from '../stage/test-model.ts'

const WINDOW_MS = 300_000
const WINDOWS = 12
const ROWS = 400

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub?.[Symbol.asyncDispose]())

/** The third number has no weight, so that its drift spoils no answer. */
const grader = modelBytes({
  opsets: { 'ai.onnx': 13 },
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
  outputs: [{ name: 'p', datatype: 'FP32', shape: [-1, 2] }],
  initialisers: [float32Tensor('w', [3, 2], Float32Array.of(1, 0, 0, 1, 0, 0))],
  nodes: [
    { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['z'] },
    { operator: 'Softmax', inputs: ['z'], outputs: ['p'] },
  ],
})

/** `unsure`: the share of rows near the border of the classes. */
const rowsWith = (unsure: number, idle: number) =>
  Array.from({ length: ROWS }, (_, at) => {
    const even = (at * 0.618_033_988_7) % 1
    return [even < unsure ? 0.2 + even / 10 : 2 + even, even, ((at * 0.414_213_562_4) % 1) + idle]
  })

const sureOf = ([first = 0, second = 0]: readonly number[]) => 1 / (1 + Math.exp(second - first))

test('the drift of a feature that comes with less sure answers is named, and an idle one is not', async () => {
  await push(hub, 'grader', grader)
  const path = '/v1/models/grader/versions/1/profile'
  const reference = rowsWith(0.2, 0)
  const data = Buffer.from(Float32Array.from(reference.flat()).buffer).toString('base64')
  const labels = reference.map((row, at) => (sureOf(row) > 0.6 || at % 2 === 0 ? '0' : '1'))
  const cases = [{ inputs: { x: { datatype: 'FP32', shape: [ROWS, 3], data } } }]
  const made = await hub.ask<{ digest: MonitorWindow['profile'] }>('PUT', path, { body: { data: { cases, labels } } })
  expect(made.status, made.text).toBe(200)
  const profile = ReferenceProfile.parse((await hub.ask('GET', path)).body)
  await hub.ask('PUT', '/v1/monitors/grader', { body: { spec: { drift: {}, missing: {} } } })
  const { store, ids, clock } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const place = { store, ids, organisationId, clock: { ms: clock.nowMs() }, devices: [] }
  const [device] = await addDevices(place, 1, {})
  if (!device) throw new Error('no device was added')
  await runModel(hub.hub, [device], { organisationId, name: 'grader', version: 1 })
  const endMs = Math.floor(clock.nowMs() / WINDOW_MS) * WINDOW_MS
  const windows = Array.from({ length: WINDOWS }, (_, at): MonitorWindow => {
    const rows = rowsWith(0.2 + at * 0.05, at % 2)
    const scores = noScores(profile.calibration?.classes.length ?? 0)
    for (const row of rows) {
      const counts = scores.classes[0] ?? scores.rest
      const bin = scoreBin(Math.max(sureOf(row), 1 - sureOf(row)))
      counts[bin] = (counts[bin] ?? 0) + 1
    }
    const valuesOf = (feature: string) => {
      const [, column] = /^x\[(\d)\]$/.exec(feature) ?? []
      return rows.map((row) => (column === undefined ? sureOf(row) : (row[Number(column)] ?? 0)))
    }
    const startMs = endMs - (WINDOWS - at) * WINDOW_MS
    return {
      v: 1,
      model: 'grader',
      version: 1,
      profile: made.body.digest,
      startMs,
      endMs: startMs + WINDOW_MS,
      rows: ROWS,
      counted: ROWS,
      features: profile.features.map(({ feature, edges }) => countsOf(edges, valuesOf(feature))),
      scores,
    }
  })
  const values = windows.map((window) => ({
    signal: `${WINDOW_SIGNAL}grader`,
    eventTimeMs: window.startMs,
    quality: 'good' as const,
    value: JSON.stringify(window),
  }))
  const from = { deviceId: device.id, organisationId }
  await takeTelemetry(hub.hub, from, { stream: '0123456789abcdef', lane: 'bulk', first: 1, values })
  const { body } = await hub.ask<StabilitySeries>('GET', '/v1/monitors/grader/series')
  expect(body.points).toHaveLength(WINDOWS)
  // A page asks with its own clock, some milliseconds before the hub's: no point gets longer by that.
  const longer = await hub.ask<StabilitySeries>('GET', `/v1/monitors/grader/series?fromMs=${Date.now() - 86_400_100}`)
  expect(longer.body.points, longer.text).toHaveLength(WINDOWS)
  const { by, features = [] } = body.withPerformance ?? {}
  expect(by).toBe('estimate')
  const rank = (feature: string) => features.find((one) => one.feature === feature)
  expect(rank('x[0]')?.correlation).toBeGreaterThan(0.7)
  expect(rank('x[0]')?.pValue).toBeLessThan(0.05)
  expect(rank('x[2]')?.pValue).toBeGreaterThan(0.05)
  expect(rank('x[0]')?.points).toBe(WINDOWS)

  // Labels of eight times say something else: the answers are wrong when the idle feature moves.
  const given = windows.slice(0, 10).flatMap(({ startMs }, at) =>
    Array.from({ length: 12 }, (_, row) => ({
      request: `r${at}-${row}`,
      label: at % 2 === 1 && row < 8 ? '1' : '0',
      predicted: '0',
      version: 1,
      atMs: startMs + 1_000 + row,
    })),
  )
  await hub.ask('PUT', '/v1/captures/grader', { body: { rules: { sample: 1, purpose: 'compare with labels' } } })
  const stored = await hub.ask<{ stored: number }>('POST', '/v1/captures/grader/labels', { body: { labels: given } })
  expect(stored.body.stored, stored.text).toBe(given.length)
  const labelled = (await hub.ask<StabilitySeries>('GET', '/v1/monitors/grader/series')).body.withPerformance
  expect(labelled?.by).toBe('labels')
  expect(labelled?.features[0]).toMatchObject({ feature: 'x[2]', points: 10 })
})
