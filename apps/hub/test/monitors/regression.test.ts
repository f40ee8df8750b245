/** Regression: the hub estimates the error of a regression from the counts of its features, without any label. */
import type { ModelPerformance } from '@skerry/contract/captures/performance'
import { Analysis } from '@skerry/contract/deployments/analysis'
import type { Monitor, ProfileSummary } from '@skerry/contract/monitors/monitor'
import { type MonitorWindow, ReferenceProfile, WINDOW_SIGNAL } from '@skerry/contract/monitors/profile'
import type { RolloutId } from '@skerry/contract/values/ids'
import { judgeTaken, measureWave } from '@skerry/core/analysis/analysis-conditions'
import { countsOf } from '@skerry/core/monitors/bins'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { factsOfWave } from '../../src/rollouts/engine/wave-facts.ts'
import { findRollout } from '../../src/rollouts/rollout-store.ts'
import { takeTelemetry } from '../../src/telemetry/take-telemetry.ts'
import { addDevices } from '../stage/fleet/fleet-records.ts'
import { runModel } from '../stage/fleet/runs-model.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const WINDOW_MS = 300_000
const ROWS = 1_200

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
  await push(hub, 'wear', modelBytes(unary('Abs')))
})
afterAll(() => hub?.[Symbol.asyncDispose]())

const even = (at: number) => (at * 0.618_033_988_7) % 1

/** A power below 1 moves the rows up. */
const rowsOf = (power: number) => Array.from({ length: ROWS }, (_, at) => even(at) ** power)

/** The model answers x. The truth differs by more, the larger x is. */
const truthOf = (x: number, at: number) => x + (at % 2 === 0 ? 1 : -1) * (0.05 + x * x)

const errorOf = (rows: readonly number[]) =>
  rows.reduce((sum, x, at) => sum + Math.abs(truthOf(x, at) - x), 0) / rows.length

const tensorOf = (values: readonly number[]) => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
})

const PROFILE = '/v1/models/wear/versions/1/profile'

const make = (labels: readonly string[]) =>
  hub.ask<ProfileSummary & { code?: string; message?: string }>('PUT', PROFILE, {
    body: { data: { cases: [{ inputs: { x: tensorOf(rowsOf(1)) } }], labels, task: 'regression' } },
  })

test('labels that are no numbers are refused with the number of rows that are left', async () => {
  const { body } = await make(rowsOf(1).map((x, at) => (at < 90 ? String(x) : 'worn')))
  expect(body).toMatchObject({ code: 'profile_refused', message: expect.stringContaining('90 rows have a number') })
})

test('when inputs move to where the model errs, the estimated error rises, and the monitor alerts', async () => {
  const { body: made } = await make(rowsOf(1).map((x, at) => String(truthOf(x, at))))
  expect(made.mae).toBeCloseTo(errorOf(rowsOf(1)), 3)
  expect(made.errorSkill).toBeGreaterThan(0.8)
  const profile = ReferenceProfile.parse((await hub.ask('GET', PROFILE)).body)
  // Drift alone must not alert here.
  const spec = { drift: { warn: 90, alert: 100 }, missing: {} }
  await hub.ask('PUT', '/v1/monitors/wear', { body: { spec } })
  const { store, ids, clock } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const place = { store, ids, organisationId, clock: { ms: clock.nowMs() }, devices: [] }
  const [device] = await addDevices(place, 1, {})
  if (!device) throw new Error('no device was added')
  await runModel(hub.hub, [device], { organisationId, name: 'wear', version: 1 })
  const rows = rowsOf(0.4)
  const startMs = Math.floor((clock.nowMs() - 60_000) / WINDOW_MS) * WINDOW_MS
  const window: MonitorWindow = {
    v: 1,
    model: 'wear',
    version: 1,
    profile: made.digest,
    startMs,
    endMs: startMs + WINDOW_MS,
    rows: ROWS,
    counted: ROWS,
    features: profile.features.map(({ edges }) => countsOf(edges, rows)),
  }
  const value = { signal: `${WINDOW_SIGNAL}wear`, eventTimeMs: startMs, quality: 'good' as const }
  const from = { deviceId: device.id, organisationId }
  const values = [{ ...value, value: JSON.stringify(window) }]
  await takeTelemetry(hub.hub, from, { stream: '0123456789abcdef', lane: 'bulk', first: 1, values })
  const { versions } = (await hub.ask<Monitor>('GET', '/v1/monitors/wear')).body
  const truth = errorOf(rows)
  const [verdict] = versions
  expect(verdict).toMatchObject({ state: 'alert', estimatedError: { state: 'alert', rows: ROWS, reference: made.mae } })
  expect(verdict?.features.map(({ state }) => state)).toEqual(['ok', 'ok'])
  expect(Math.abs((verdict?.estimatedError?.mae ?? 0) - truth)).toBeLessThan(0.05 * truth)
  const { body: performance } = await hub.ask<ModelPerformance>('GET', '/v1/models/wear/performance')
  expect(performance.task).toBe('regression')
  expect(performance.versions).toEqual([
    {
      version: 1,
      labels: 0,
      estimatedError: { rows: ROWS, mae: verdict?.estimatedError?.mae },
      referenceMae: made.mae,
    },
  ])
})

test('the gate "estimated-error" fails a wave whose devices let expect a larger error than the labelled rows had', async () => {
  const { store, clock } = hub.hub
  const gate = Analysis.parse({ name: 'error', measure: 'estimated-error', failure: 'result.rise > 0.5', count: 3 })
  const spec = {
    deployable: 'wear',
    version: '1',
    strategy: { waves: [{ name: 'canary', selector: 'true', soakSeconds: 60, analysis: [gate] }] },
  }
  const { body } = await hub.ask<{ deployment: { rolloutId: string } }>('PUT', '/v1/deployments/wear', { body: spec })
  expect(body, JSON.stringify(body)).toHaveProperty('deployment.rolloutId')
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const rolloutId = body.deployment.rolloutId as RolloutId
  const result = await until(async () => {
    const rollout = await findRollout(store.db, { organisationId, rolloutId })
    // The window of the test before began before this rollout did.
    return rollout && measureWave(gate, await factsOfWave(store.db, { ...rollout, created_at_ms: 0 }, 0))
  })
  const truth = errorOf(rowsOf(0.4))
  expect(Math.abs(Number(result.value) - truth)).toBeLessThan(0.05 * truth)
  expect(result).toMatchObject({ devices: 1, requests: ROWS, reference: expect.closeTo(errorOf(rowsOf(1)), 3) })
  const atMs = clock.nowMs()
  expect(judgeTaken(gate, { dueAtMs: atMs, atMs, result })).toMatchObject({ phase: 'failed' })
})
