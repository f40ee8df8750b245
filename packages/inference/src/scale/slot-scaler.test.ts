import { Scaling } from '@skerry/contract/scaling/scaling'
import { until } from '@skerry/testkit/until'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { float32, floats, never, serve, spin } from '../../test/fixture.ts'
import { createModelHost, type ModelHost } from '../host/model-host.ts'
import { nowUs } from '../host/run-clock.ts'
import { type ScaledCrews, scaleSlot } from './slot-scaler.ts'

const hosts: ModelHost[] = []
const host = () => {
  const created = createModelHost({ clock: { nowMs: () => Date.now() } })
  hosts.push(created)
  return created
}
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((it) => it.close()))
})

/** Windows of a second, so that a test need not wait for the usual minute. */
const policyOf = (spec: object) =>
  Scaling.parse({
    min: 0,
    max: 3,
    target: { metric: 'concurrency', value: 1 },
    windowSeconds: 1,
    panic: { seconds: 1, ratio: 1.5 },
    cooldownSeconds: 0,
    ...spec,
  })

const scaleOf = (models: ModelHost) => models.stats()[0]?.scale

test('an idle model leaves the memory, and the next requests wake it: none is lost', async () => {
  const models = host()
  await serve(models, 'times-2', { scaling: policyOf({}) })
  await until(() => scaleOf(models)?.count === 0, { seen: () => scaleOf(models) })
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const result = await models.infer('times-2', undefined, { inputs: [float32('x', [1, 1], [at])] }, never())
      return result.ok ? result.outputs.flatMap(floats) : result
    }),
  )
  expect(answers).toEqual(Array.from({ length: 20 }, (_, at) => [2 * at]))
  expect(
    scaleOf(models)
      ?.steps.map(({ code }) => code)
      .slice(0, 3),
  ).toEqual(['started', 'idle', 'request_waits'])
  // One worker was enough for all that piled up while it loaded.
  expect(scaleOf(models)?.steps.map(({ to }) => to)).not.toContain(2)
  expect(scaleOf(models)?.steps.map(({ to }) => to)).not.toContain(3)
})

test('workers follow the load up and down, each step has a reason, and no request fails', async () => {
  const models = host()
  await serve(models, 'spin', { scaling: policyOf({}), as: 'spin' })
  let failed = 0
  const stop = new AbortController()
  const clients = Array.from({ length: 6 }, async () => {
    while (!stop.signal.aborted) {
      const result = await models.infer('spin', undefined, spin(3_000), never())
      if (!result.ok) failed++
    }
  })
  await until(() => scaleOf(models)?.count === 3, { seen: () => scaleOf(models) })
  stop.abort()
  await Promise.all(clients)
  await until(() => scaleOf(models)?.count === 0, { seen: () => scaleOf(models) })
  expect(failed).toBe(0)
  const steps = scaleOf(models)?.steps ?? []
  expect(steps.some(({ reason }) => /requests at once, for each 1: \d workers/.test(reason))).toBe(true)
  expect(steps.at(-1)).toMatchObject({ to: 0, code: 'idle', reason: 'no request for 1 second' })
})

test('a model whose files are gone is broken after some tries, and says so to the waiting request', async () => {
  const models = host()
  const { cpSync, mkdtempSync, rmSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  const { join } = await import('node:path')
  const { settings, testModel } = await import('../../test/fixture.ts')
  const folder = mkdtempSync(join(tmpdir(), 'scaler-'))
  const modelPath = join(folder, 'model.onnx')
  cpSync(testModel('times-2'), modelPath)
  await models.load({ slot: 'a', modelPath, settings: { ...settings, scaling: policyOf({}) }, signal: never() })
  models.activate({ name: 'm', version: '1', slot: 'a' })
  await until(() => scaleOf(models)?.count === 0, { seen: () => scaleOf(models) })
  rmSync(folder, { recursive: true })
  const result = await models.infer('m', undefined, { inputs: [float32('x', [1, 1], [1])] }, never())
  expect(result).toMatchObject({
    ok: false,
    code: 'model_failed',
    message: expect.stringContaining('could not be started'),
  })
  expect(models.stats()[0]?.state.status).toBe('failed')
})

describe('a memory with no room for further workers', () => {
  /** Workers of which each further one is refused. The first one waits for ever. */
  function crowded(first: number) {
    let count = first
    let scheduled = 3
    const crews = {
      levels: () => ({ concurrency: 0, busy: 0, queue: 0 }),
      count: () => count,
      start: vi.fn<ScaledCrews['start']>((need) =>
        need === 'more' ? Promise.resolve({ ok: false, message: 'no room' }) : new Promise(() => {}),
      ),
      release: () => void count--,
      broken: vi.fn<ScaledCrews['broken']>(),
    }
    const deps = { clock: { nowMs: () => Date.now() }, scheduledMin: () => scheduled }
    const scaler = scaleSlot(policyOf({}), crews, deps)
    const endSchedule = () => {
      scheduled = 0
    }
    return { crews, scaler, endSchedule }
  }

  afterEach(() => void vi.useRealTimers())

  test('breaks no slot whose first worker waits for it', async () => {
    vi.useFakeTimers()
    const { crews, scaler } = crowded(0)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(crews.start.mock.calls.filter(([need]) => need === 'more').length).toBeGreaterThan(3)
    expect(crews.broken).not.toHaveBeenCalled()
    scaler.close()
  })

  test('does not delay the first worker of a model that left the memory since', async () => {
    vi.useFakeTimers()
    const { crews, scaler, endSchedule } = crowded(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(scaler.view().reason).toContain('no room')
    endSchedule()
    expect(scaler.evict('another model needs its memory')).toBe(true)
    crews.start.mockClear()
    scaler.meter.note({ concurrency: 1, busy: 0, queue: 1 }, nowUs())
    scaler.wake()
    expect(crews.start.mock.calls.map(([need]) => need)).toEqual(['first'])
    expect(scaler.view().reason).not.toContain('no room')
    scaler.close()
  })
})
