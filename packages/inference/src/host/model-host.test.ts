import { until } from '@skerry/testkit/until'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { float32, floats, int64, never, newHost, serve, settings, spin, testModel } from '../../test/fixture.ts'
import type { ModelHost } from './model-host.ts'
import { bytesOfStrings, stringsOf, toContract } from './raw-tensor.ts'

const hosts: ModelHost[] = []
const host = () => {
  const created = newHost()
  hosts.push(created)
  return created
}
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((it) => it.close()))
})

/** Answers a two-row request of the model's name with the first value of its first output. */
const ask = async (models: ModelHost, name: string, version?: string) => {
  const result = await models.infer(name, version, { inputs: [float32('x', [1, 2], [1, 10])] }, never())
  return result.ok ? [result.version, ...result.outputs.flatMap(floats)] : result.code
}

test('answers for a model once it is active, and not before', async () => {
  const models = host()
  const slot = { slot: 'a', modelPath: testModel('times-2'), settings, signal: never() }
  expect(await models.load(slot)).toMatchObject({ ok: true, signature: { inputs: [{ name: 'x', datatype: 'FP32' }] } })
  expect(await ask(models, 'm')).toBe('model_unknown')
  expect(models.activate({ name: 'm', version: '7', slot: 'a' })).toEqual({ ok: true })
  expect(await ask(models, 'm')).toEqual(['7', 2, 20])
  expect(await ask(models, 'm', '7')).toEqual(['7', 2, 20])
  expect(await ask(models, 'm', '6')).toBe('version_unknown')
  models.deactivate('m')
  expect(await ask(models, 'm')).toBe('model_unknown')
})

test('rejects orders that do not fit its slots', async () => {
  const models = host()
  const slot = await serve(models, 'times-2')
  const again = { slot, modelPath: testModel('times-3'), settings, signal: never() }
  expect(await models.load(again)).toMatchObject({ ok: false, code: 'slot_exists' })
  expect(await models.unload(slot)).toMatchObject({ ok: false, code: 'slot_in_use' })
  expect(await models.unload('nothing')).toMatchObject({ ok: false, code: 'slot_unknown' })
  expect(models.activate({ name: 'm', version: '1', slot: 'nothing' })).toMatchObject({
    ok: false,
    code: 'slot_unknown',
  })
  expect(await models.golden('nothing', [], never())).toMatchObject({ ok: false, code: 'slot_unknown' })
})

test.each([
  ['identity-bf16', 'Unsupported data type'],
  ['no-such-file', 'File doesn'],
])('says why %s cannot be loaded, and leaves the slot free', async (name, message) => {
  const models = host()
  const order = { slot: 'a', modelPath: testModel(name), settings: { ...settings, instances: 2 }, signal: never() }
  expect(await models.load(order)).toMatchObject({
    ok: false,
    code: 'model_load_failed',
    message: expect.stringContaining(message),
  })
  expect(await models.load({ ...order, modelPath: testModel('times-2') })).toMatchObject({ ok: true })
})

test('stops loading when it is cancelled', async () => {
  const caller = new AbortController()
  const loading = host().load({ slot: 'a', modelPath: testModel('times-2'), settings, signal: caller.signal })
  caller.abort(new Error('enough'))
  await expect(loading).rejects.toThrow('enough')
})

test('swaps versions under load: every request is answered, by one version each, the old ones first', async () => {
  const models = host()
  const old = await serve(models, 'times-2', { as: 'm', version: '2', instances: 2 })
  const answers: Promise<unknown>[] = []
  const askMany = (count: number) => {
    for (let at = 0; at < count; at++) answers.push(ask(models, 'm'))
  }
  askMany(50)
  const isSwapped = serve(models, 'times-3', { as: 'm', version: '3' }).then(() => models.unload(old))
  while (models.served()[0]?.version !== '3') {
    askMany(1)
    await answers.at(-1)
  }
  askMany(50)
  expect(await isSwapped).toEqual({ ok: true })
  const seen = await Promise.all(answers)
  const isOld = (answer: unknown) => JSON.stringify(answer) === '["2",2,20]'
  const isNew = (answer: unknown) => JSON.stringify(answer) === '["3",3,30]'
  expect(seen.filter((answer) => !isOld(answer) && !isNew(answer))).toEqual([])
  expect(seen.findIndex(isNew)).toBeGreaterThan(seen.findLastIndex(isOld))
})

test('rejects a request over the queue early, and continues to serve', async () => {
  const models = host()
  await serve(models, 'spin', { queueMax: 3 })
  // Two are with the worker, three wait.
  const accepted = Array.from({ length: 5 }, () => models.infer('spin', undefined, spin(50_000), never()))
  expect(await models.infer('spin', undefined, spin(1), never())).toMatchObject({ ok: false, code: 'queue_full' })
  expect((await Promise.all(accepted)).every(({ ok }) => ok)).toBe(true)
  expect(models.stats()[0]?.statistics).toMatchObject({
    success: { count: 5 },
    failures: { REJECTED: 1 },
    turnedAway: 1,
  })
})

test('answers at the deadline, whether the request runs or waits', async () => {
  const models = host()
  await serve(models, 'spin', { deadlineMs: 20_000 })
  const results = await Promise.all([
    models.infer('spin', undefined, { ...spin(200_000), timeoutUs: 5_000 }, never()),
    models.infer('spin', undefined, { ...spin(1), timeoutUs: 0 }, never()),
    models.infer('spin', undefined, { ...spin(1), timeoutUs: 5_000 }, never()),
  ])
  expect(results.map((result) => (result.ok ? 'ok' : result.code))).toEqual([
    'deadline_passed',
    'ok',
    'deadline_passed',
  ])
})

test('drops a request whose client disconnected', async () => {
  const models = host()
  await serve(models, 'spin')
  const client = new AbortController()
  const busy = models.infer('spin', undefined, spin(100_000), never())
  const gone = [1, 2, 3].map(() => models.infer('spin', undefined, spin(1), client.signal))
  client.abort()
  for (const result of await Promise.all(gone)) expect(result).toMatchObject({ ok: false, code: 'request_cancelled' })
  expect(models.stats()[0]?.pending).toBe(1)
  expect((await busy).ok).toBe(true)
  expect(models.stats()[0]?.statistics.failures.CANCELED).toBe(3)
})

test('shows how long a run takes', async () => {
  const models = host()
  await serve(models, 'spin')
  expect(models.stats()[0]?.longestRunMs).toBe(0)
  const longestRunMs = () => models.stats()[0]?.longestRunMs ?? 0
  while (longestRunMs() <= 5) {
    void models.infer('spin', undefined, spin(100_000), never())
    await until(() => longestRunMs() > 5 || models.stats()[0]?.pending === 0)
  }
})

test('a run that never ends fails its slot, once its deadline has passed twice', async () => {
  const models = host()
  await serve(models, 'spin', { deadlineMs: 50 })
  const ask = () => models.infer('spin', undefined, spin(1_000_000), never())
  expect(await ask()).toMatchObject({ ok: false, code: 'deadline_passed' })
  await until(() => (models.stats()[0]?.longestRunMs ?? 0) > 101)
  expect(await ask()).toMatchObject({
    ok: false,
    code: 'model_unready',
    message: expect.stringContaining('does not end'),
  })
  expect(models.served()[0]?.state.status).toBe('failed')
})

test("a request that crashes the model's run fails alone, even in a batch", async () => {
  const models = host()
  await serve(models, 'rows', { maxBatch: 8, maxDelayMs: 1_000 })
  const request = (level: bigint) => ({ inputs: [float32('x', [1, 2], [1, 2]), int64('level', [1, 1], [level])] })
  const results = await Promise.all(
    [0n, 7n, 2n, 1n, 0n, 0n, 0n, 0n].map((it) => models.infer('rows', undefined, request(it), never())),
  )
  expect(results.map(({ ok }) => ok)).toEqual([true, false, true, true, true, true, true, true])
  expect(results[1]).toMatchObject({ code: 'model_failed', message: expect.stringContaining('out of data bounds') })
  expect(results[2]?.ok && results[2].outputs[1] && stringsOf(results[2].outputs[1].data)).toEqual(['größer'])
})

test('batched answers equal unbatched ones, for any mix of requests', async () => {
  const models = host()
  await serve(models, 'rows', { as: 'alone' })
  await serve(models, 'rows', { as: 'batched', version: '2', maxBatch: 6, maxDelayMs: 2 })
  const anyRow = fc.record({
    x: fc.tuple(fc.float({ noNaN: true }), fc.float({ noNaN: true })),
    level: fc.constantFrom(0n, 1n, 2n),
  })
  const anyRequests = fc.array(fc.tuple(fc.array(anyRow, { minLength: 1, maxLength: 4 }), fc.boolean()), {
    minLength: 1,
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(anyRequests, async (requests) => {
      const askAll = (name: string) =>
        Promise.all(
          requests.map(([rows, isSwapped]) => {
            const x = float32(
              'x',
              [rows.length, 2],
              rows.flatMap((row) => row.x),
            )
            const level = int64(
              'level',
              [rows.length, 1],
              rows.map((row) => row.level),
            )
            return models.infer(name, undefined, { inputs: isSwapped ? [level, x] : [x, level] }, never())
          }),
        )
      const outputs = async (name: string) => (await askAll(name)).map((it) => (it.ok ? it.outputs : it))
      expect(await outputs('batched')).toEqual(await outputs('alone'))
    }),
    { numRuns: 50 },
  )
  const [alone, batched] = models.stats().map(({ statistics }) => statistics)
  expect(batched?.inferenceCount).toBe(alone?.inferenceCount)
  expect(batched?.executionCount).toBeLessThan(alone?.executionCount ?? 0)
})

test('stops batching a model whose outputs do not have a row for each input row', async () => {
  const models = host()
  await serve(models, 'mean', { maxBatch: 2, maxDelayMs: 10_000, deadlineMs: 9_000 })
  const request = (value: number) =>
    models.infer('mean', undefined, { inputs: [float32('x', [1, 2], [value, value])] }, never())
  const [first, second] = await Promise.all([request(1), request(3)])
  expect(first.ok && first.outputs.flatMap(floats)).toEqual([1, 1])
  expect(second.ok && second.outputs.flatMap(floats)).toEqual([3, 3])
  // With batching still on, a lone request would wait past its deadline.
  expect((await request(5)).ok).toBe(true)
})

test('counts as Triton does', async () => {
  const models = host()
  await serve(models, 'times-2')
  await models.infer('times-2', undefined, { inputs: [float32('x', [3, 1], [1, 2, 3])] }, never())
  await models.infer('times-2', undefined, { inputs: [float32('x', [1, 1], [1])] }, never())
  const [slot] = models.stats()
  expect(slot).toMatchObject({
    slot: 'times-2@1',
    name: 'times-2',
    version: '1',
    pending: 0,
    state: { status: 'ready' },
  })
  expect(slot?.statistics).toMatchObject({ lastInferenceMs: 1_234, inferenceCount: 4, executionCount: 2 })
  expect(slot?.statistics.batches.get(3)?.computeInfer.count).toBe(1)
  const { success, queue, computeInput, computeInfer, computeOutput, latency } = slot?.statistics ?? expect.fail()
  expect([success, queue, computeInput, computeInfer, computeOutput].map(({ count }) => count)).toEqual([2, 2, 2, 2, 2])
  expect(success.us).toBeGreaterThan(queue.us + computeInput.us + computeInfer.us + computeOutput.us)
  expect(latency.sumUs()).toBe(success.us)
})

test('runs golden cases on any slot, without counting them', async () => {
  const models = host()
  const slot = await serve(models, 'identity-bytes')
  const x = toContract({ name: 'x', datatype: 'BYTES', shape: [1, 1], data: bytesOfStrings(['hi']) })
  expect(await models.golden(slot, [{ inputs: { x } }], never())).toEqual({ ok: true, outputs: [{ y: x }] })
  expect(await models.golden(slot, [{ inputs: { x } }, { inputs: { z: x } }], never())).toEqual({
    ok: false,
    code: 'golden_invalid',
    message: "golden case 2 of 2: input 'z' is unknown: the model has 'x'",
  })
  expect(models.stats()[0]?.statistics.success.count).toBe(0)
})

test('stops golden cases when they are cancelled', async () => {
  const models = host()
  const slot = await serve(models, 'spin')
  const caller = new AbortController()
  const cases = [{ inputs: { steps: toContract(int64('', [1], [200_000n])) } }]
  const golden = models.golden(slot, cases, caller.signal)
  caller.abort(new Error('enough'))
  await expect(golden).rejects.toThrow('enough')
})

test('answers all pending requests before it closes', async () => {
  const models = host()
  await serve(models, 'spin')
  const answers = Array.from({ length: 10 }, () => models.infer('spin', undefined, spin(5_000), never()))
  await models.close()
  expect((await Promise.all(answers)).every(({ ok }) => ok)).toBe(true)
})
