import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { processesWith } from '@skerry/testkit/processes'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCandidate } from './candidate.ts'

const { signal } = new AbortController()

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-candidate-'))
  const float = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] })
  const nodes = [{ operator: 'Neg', inputs: ['x'], outputs: ['y'] }]
  await writeFile(
    join(folder, 'model.onnx'),
    writeModel(buildModel({ inputs: [float('x')], outputs: [float('y')], nodes })),
  )
  await writeFile(join(folder, 'broken.onnx'), 'no model')
})
afterAll(() => rm(folder, { recursive: true }))

const tensor = (...values: number[]) => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
})

async function orderOf(model: string, outputs: object) {
  const golden = { tolerance: { absolute: 1e-4, relative: 0 }, cases: [{ inputs: { x: tensor(1, 2) }, outputs }] }
  const path = join(folder, 'golden.json')
  await writeFile(path, JSON.stringify(golden))
  return { source: { modelPath: join(folder, model) }, golden: { name: 'golden.json', path, seal: undefined } }
}

const turn = { caseAt: 0, forMs: 5, runsMax: 10 }

test('a candidate answers its golden cases, runs turns, and is gone when it is disposed', async () => {
  const opened = await openCandidate(await orderOf('model.onnx', { y: tensor(-1, -2) }), signal)
  if (!opened.ok) throw new Error(opened.problem.message)
  const { candidate } = opened
  expect(candidate).toMatchObject({ cases: 1, runtime: expect.stringMatching(/^onnxruntime \d/) })
  const answer = await candidate.turn(turn, signal)
  if (!answer.ok) throw new Error(answer.message)
  expect(answer.runsMs.length).toBeGreaterThan(0)
  expect(answer.runsMs.length).toBeLessThanOrEqual(10)
  expect(answer.runsMs.every((took) => took > 0)).toBe(true)
  expect(answer.peakBytes, 'Node and the runtime').toBeGreaterThan(30_000_000)
  candidate[Symbol.dispose]()
  expect(await candidate.turn(turn, signal)).toMatchObject({ ok: false })
  await until(async () => (await processesWith('candidate-child', process.pid)).length === 0)
})

test('another answer is wrong, and a model that cannot be loaded has failed', async () => {
  expect(await openCandidate(await orderOf('model.onnx', { y: tensor(-1, 2) }), signal)).toMatchObject({
    ok: false,
    problem: { code: 'wrong', message: expect.stringContaining('golden case 1 of 1: output y[1] is -2, expected 2') },
  })
  expect(await openCandidate(await orderOf('broken.onnx', { y: tensor(-1, -2) }), signal)).toMatchObject({
    ok: false,
    problem: { code: 'failed' },
  })
  const missing = {
    ...(await orderOf('model.onnx', { y: tensor(-1, -2) })),
    golden: { name: 'g', path: '/none', seal: undefined },
  }
  expect(await openCandidate(missing, signal)).toMatchObject({ ok: false, problem: { code: 'failed' } })
})

test('the signal ends it while it loads, and its process with it', async () => {
  const order = await orderOf('model.onnx', { y: tensor(-1, -2) })
  const stop = new AbortController()
  const opening = openCandidate(order, stop.signal)
  stop.abort()
  await expect(opening).rejects.toThrow()
  await until(async () => (await processesWith('candidate-child', process.pid)).length === 0)
})

test('a process that is killed is a failed candidate', async () => {
  const opened = await openCandidate(await orderOf('model.onnx', { y: tensor(-1, -2) }), signal)
  if (!opened.ok) throw new Error(opened.problem.message)
  const [id = 0] = await processesWith('candidate-child', process.pid)
  process.kill(id, 'SIGKILL')
  const endless = { ...turn, forMs: 20_000, runsMax: 1_000_000_000 }
  expect(await opened.candidate.turn(endless, signal)).toMatchObject({
    ok: false,
    message: expect.stringContaining('SIGKILL'),
  })
})

const scaled = (isWholeBatch: boolean) =>
  writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
      initialisers: [float32Tensor('two', [], Float32Array.of(2))],
      nodes: isWholeBatch
        ? [
            { operator: 'ReduceMax', inputs: ['x'], outputs: ['largest'], attributes: { keepdims: { int: 0 } } },
            { operator: 'Div', inputs: ['x', 'largest'], outputs: ['y'] },
          ]
        : [{ operator: 'Mul', inputs: ['x', 'two'], outputs: ['y'] }],
    }),
  )

/** Two cases, so that a batch has different rows. */
async function batchOrder(model: Uint8Array, outputs: readonly (readonly number[])[], batch: number) {
  const row = (values: readonly number[]) => ({ ...tensor(...values), shape: [1, values.length] })
  const inputs = [row([1, 2]), row([2, 8])]
  const cases = inputs.map((x, at) => ({ inputs: { x }, outputs: { y: row(outputs[at] ?? []) } }))
  const path = join(folder, 'batch.json')
  await writeFile(path, JSON.stringify({ tolerance: { absolute: 1e-4, relative: 0 }, cases }))
  await writeFile(join(folder, 'batch.onnx'), model)
  const golden = { name: 'golden.json', path, seal: undefined }
  return { source: { modelPath: join(folder, 'batch.onnx') }, golden, session: { threads: 1, spin: false, batch } }
}

test('a batch has the answers of its rows, and its times are those of a row', async () => {
  const outputs = [
    [2, 4],
    [4, 16],
  ]
  const opened = await openCandidate(await batchOrder(scaled(false), outputs, 4), signal)
  if (!opened.ok) throw new Error(opened.problem.message)
  using candidate = opened.candidate
  expect(candidate.cases).toBe(1)
  expect(await candidate.turn(turn, signal)).toMatchObject({ ok: true })
})

test('a model whose answers depend on the other rows of a batch is wrong in batches', async () => {
  const outputs = [
    [0.5, 1],
    [0.25, 1],
  ]
  expect(await openCandidate(await batchOrder(scaled(true), outputs, 2), signal)).toMatchObject({
    ok: false,
    problem: { code: 'wrong', message: expect.stringContaining('in a batch of 2') },
  })
})
