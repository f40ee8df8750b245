import type { Figures } from '@skerry/contract/devices/item'
import { Digest } from '@skerry/contract/values/digest'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { createMetrics } from '../metrics.ts'
import { toJson } from '../store/json-column.ts'
import { listSignals, readSeries } from '../telemetry/telemetry-store.ts'
import { sweepAnswers } from './answer-sweep.ts'
import { invalidAnswers } from './invalid-answers.ts'

let fleet: SimulatedFleet
beforeEach(async () => {
  fleet = await openFleet()
})
afterEach(() => fleet[Symbol.asyncDispose]())

const { signal } = new AbortController()
const metrics = createMetrics()
const sweep = () => sweepAnswers({ store: fleet.store, clock: fleet.hub.clock, metrics, signal })

/** Two devices, on which the deployment `sensor` serves and its model is one of language. */
async function startModels() {
  const devices = await fleet.addDevices(2)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({})
  await fleet.report(devices, () => 'active')
  await fleet.store.transaction(async (tx) => {
    await tx.updateTable('models').set({ kind: 'gguf' }).execute()
    await tx
      .updateTable('device_items')
      .set({ kind: 'gguf', serving_version: 1, serving_digest: Digest.parse(`sha256:${'0'.repeat(64)}`) })
      .execute()
  })
  return devices
}

const setFigures = (deviceId: SimulatedFleet['devices'][number]['id'], figures: Figures) =>
  fleet.store.transaction(async (tx) => {
    await tx
      .updateTable('device_items')
      .set({ figures: toJson(figures) })
      .where('device_id', '=', deviceId)
      .execute()
  })

test('speeds become gauges and series, and a model that does not answer gets no more points', async () => {
  const [device] = await startModels()
  if (!device) throw new Error('no device')
  await setFigures(device.id, { answers: 7, tokensPerSecond: 12.5, firstTokenMs: 300, tokens: 90 })
  expect(await sweep()).toBe(1)
  const text = await metrics.registry.metrics()
  expect(text).toMatch(/skerry_language_tokens_per_second\{[^}]*model="sensor",version="1"\} 12.5/)
  expect(text).toMatch(/skerry_language_first_token_seconds\{[^}]*\} 0.3/)
  expect(text).not.toMatch(/skerry_language_invalid_share\{/)
  fleet.clock.ms += 300_000
  await fleet.report(fleet.devices, () => 'active')
  await setFigures(device.id, { answers: 7, tokensPerSecond: 12.5, firstTokenMs: 300 })
  expect(await sweep()).toBe(0)
  await setFigures(device.id, { answers: 9, tokensPerSecond: 20, firstTokenMs: 300 })
  expect(await sweep()).toBe(1)
  const signals = await listSignals(fleet.store.db, { deviceId: device.id, limit: 10, after: undefined })
  expect(signals.map((one) => [one.signal, one.values, one.newestNumber])).toEqual([
    ['language/sensor/answers', 2, 9],
    ['language/sensor/firstTokenMs', 2, 300],
    ['language/sensor/tokensPerSecond', 2, 20],
  ])
  const span = { fromMs: fleet.clock.ms - 600_000, toMs: fleet.clock.ms + 1, bucketMs: 60_000 }
  const series = await readSeries(fleet.store.db, {
    deviceId: device.id,
    signal: 'language/sensor/tokensPerSecond',
    ...span,
  })
  expect(series.buckets.map(({ mean }) => mean)).toEqual([12.5, 20])
})

test('many invalid answers are one fact for each version, with the worst device', async () => {
  const [first, second] = await startModels()
  if (!first || !second) throw new Error('no device')
  const facts = () => invalidAnswers(fleet.store.db, { organisationId: fleet.organisationId, nowMs: fleet.clock.ms })
  await setFigures(first.id, { answers: 100, invalidShare: 0.05 })
  await setFigures(second.id, { answers: 100, invalidShare: 0 })
  expect(await facts()).toEqual([])
  await setFigures(first.id, { answers: 100, invalidShare: 0.06 })
  await setFigures(second.id, { answers: 100, invalidShare: 1 })
  expect(await facts()).toEqual([
    { model: 'sensor', version: 1, device: second.name, count: 2, invalidShare: 1, deployment: 'sensor' },
  ])
  // The figures of a silent device are of another time.
  fleet.clock.ms += 86_400_000
  expect(await facts()).toEqual([])
})
