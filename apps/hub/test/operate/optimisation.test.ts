/** Optimisation: a pushed model becomes builds, which are compared with it, signed, and removed again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build, Optimisation, OptimisationPlan, RecipeResult } from '@skerry/contract/builds/build'
import type { PushReply } from '@skerry/contract/models/model'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import { modelBytesOf } from '@skerry/core/builds/model-bytes'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { readModel } from '@skerry/onnx/read'
import { writeModel } from '@skerry/onnx/write'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { verifyModel } from '@skerry/platform/signatures/model-signature'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { unreferencedBlobs } from '../../src/blobs/blob-store.ts'
import { type HubProcess, startHubProcess } from '../stage/hub-process.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { goldenOf, modelBytes, moveOut, push, unary, upload } from '../stage/test-model.ts'

let hub: TestHub
let pushed: PushReply
beforeAll(async () => {
  hub = await startTestHub()
  const { body, text } = await push(hub, 'eye', eye, { golden })
  expect(body, text).toMatchObject({ created: true })
  pushed = body
})
afterAll(() => hub[Symbol.asyncDispose]())

const noise = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin(index * 12.9898 + seed) * 0.5)

/** A small network of vision: a convolution, an activation, and a classifier of 128 classes. */
const eye = writeModel(
  buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3, 16, 16] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 128] }],
    initialisers: [
      float32Tensor('w', [64, 3, 3, 3], noise(64 * 27, 1)),
      float32Tensor('m', [64, 128], noise(64 * 128, 3)),
    ],
    nodes: [
      { operator: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
      { operator: 'Relu', inputs: ['c'], outputs: ['r'] },
      { operator: 'GlobalAveragePool', inputs: ['r'], outputs: ['p'] },
      { operator: 'Flatten', inputs: ['p'], outputs: ['f'] },
      { operator: 'MatMul', inputs: ['f', 'm'], outputs: ['y'] },
    ],
  }),
)

const image = (seed: number) => ({
  inputs: {
    x: { datatype: 'FP32', shape: [1, 3, 16, 16], data: Buffer.from(noise(768, seed).buffer).toString('base64') },
  },
})
const golden = { cases: [1, 2, 3, 4, 5, 6, 7, 8].map(image) }

const VERSION = '/v1/models/eye/versions/1'

async function ended(started: Optimisation): Promise<Optimisation> {
  return until(async () => {
    const { body } = await hub.ask<Optimisation>('GET', `/v1/optimisations/${started.id}`)
    return body.endedAtMs === undefined ? undefined : body
  })
}

const start = (body: object, path = VERSION) => hub.ask<Optimisation>('POST', `${path}/optimisations`, { body })

const outcomes = (results: readonly RecipeResult[]) =>
  Object.fromEntries(results.map((each) => [each.recipe, each.outcome]))

test('a plan says what would run, on which cases, and stores nothing', async () => {
  const { body } = await hub.ask<OptimisationPlan>('POST', `${VERSION}/optimisations/plan`, { body: {} })
  expect(body).toMatchObject({
    left: [{ recipe: 'dynamic-7bit' }, { recipe: 'static-7bit' }],
    calibrationCases: 6,
    gateCases: 2,
  })
  expect(body.recipes).toHaveLength(7)
  expect((await hub.ask('GET', '/v1/optimisations')).body).toEqual({ rows: [] })
})

test('each recipe makes a build that is admitted, signed, and kept with its files, until it is removed', async () => {
  const { body: started, text } = await start({ goal: { differenceMax: 2 } })
  expect(started, text).toMatchObject({ name: 'eye', version: 1, status: 'queued' })
  const done = await ended(started)
  expect(done.status).toBe('done')
  expect(outcomes(done.results)).toEqual({
    float16: 'admitted',
    'dynamic-int8': 'admitted',
    'matmul-4bit': 'admitted',
    'matmul-4bit-int8': 'admitted',
    'static-int8-minmax': 'admitted',
    'static-int8-percentile': 'admitted',
    'static-int8-entropy': 'admitted',
  })
  const { rows } = (await hub.ask<{ rows: Build[] }>('GET', `${VERSION}/builds`)).body
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(done.results.map(({ buildId }) => buildId)))
  for (const { files, sizeBytes, floatBytes, floatModelBytes = 0, digest } of rows) {
    expect(floatModelBytes).toBe(modelBytesOf(pushed.version.files))
    expect(modelBytesOf(files)).toBeLessThan(floatModelBytes)
    expect(digest).not.toBe(pushed.version.digest)
    expect(sizeBytes).toBeLessThan(floatBytes)
    for (const file of files) {
      const blob = await hub.ask('GET', `/v1/blobs/${file.digest}`)
      expect(blob.status).toBe(200)
    }
  }
  const [smallest] = rows
  if (!smallest) throw new Error('no build')
  const stored = await hub.hub.store.db
    .selectFrom('builds')
    .select('bundle')
    .where('id', '=', smallest.id)
    .executeTakeFirst()
  const expected = { name: 'eye/1', resources: smallest.files }
  expect(verifyModel(JSON.parse(stored?.bundle ?? ''), [hub.hub.signing.publicKeyPem], expected)).toMatchObject({
    ok: true,
    lineage: { parents: [{ name: 'eye', version: 1 }], tool: `skerry ${smallest.recipe}` },
  })
  const sbom = await hub.ask<ModelSbom>('GET', `${VERSION}/sbom?build=${smallest.id}`)
  expect(sbom.body.components.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['model.onnx', 'onnxruntime-node']),
  )
  expect((await hub.ask('DELETE', `/v1/builds/${smallest.id}`)).status).toBe(200)
  expect((await hub.ask('GET', `${VERSION}/sbom?build=${smallest.id}`)).body).toMatchObject({ code: 'build_unknown' })
  expect((await hub.ask('GET', `/v1/builds/${smallest.id}`)).body).toMatchObject({ code: 'build_unknown' })
  const again = await ended((await start({ recipes: ['float16'], goal: {} })).body)
  const float16 = rows.find(({ recipe }) => recipe === 'float16')
  expect(again.results[0]?.buildId, 'the same bytes are the same build').toBe(float16?.id)
})

test('a build that is too far from its version is refused with its numbers', async () => {
  const goal = { agreementMin: 1, differenceMax: 0 }
  const { results } = await ended((await start({ recipes: ['matmul-4bit-int8'], goal })).body)
  expect(results).toMatchObject([{ outcome: 'refused', fidelity: [{ output: 'y' }] }])
  expect(results[0]?.message).toContain('deviations, 0 are allowed')
  expect(results[0]?.buildId).toBeUndefined()
})

test('a build that is larger than its goal is refused, and the plan and the optimisation have the goals', async () => {
  const goal = { differenceMax: 2, sizeMaxBytes: 1_000, p95MaxMs: 12 }
  const plan = await hub.ask<OptimisationPlan>('POST', `${VERSION}/optimisations/plan`, { body: { goal } })
  expect(plan.body.goals).toEqual(['agreement >= 0.99', 'difference <= 2 σ', 'size <= 1000 B', 'p95 < 12 ms'])
  const done = await ended((await start({ recipes: ['float16'], goal })).body)
  expect(done.goal).toEqual({ agreementMin: 0.99, ...goal })
  expect(done.results).toMatchObject([{ outcome: 'refused', message: expect.stringContaining('the goal allows 1000') }])
  expect((await start({ goal: { sizeMaxBytes: 0 } })).body).toMatchObject({ code: 'input_invalid' })
})

test(
  'a build that misses its goal is admitted with its worst node in float',
  deep('the search over nodes; packages/inference ranks and returns nodes in units'),
  async () => {
    const values = noise(16 * 64, 5).fill(1_000, 0, 64)
    const model = buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 16] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 8] }],
      // Eight bits have nothing left for the other weights of this matrix, and its first input is always 0.
      initialisers: [float32Tensor('bad', [16, 64], values), float32Tensor('good', [64, 8], noise(512, 6))],
      nodes: [
        { operator: 'MatMul', name: 'planted', inputs: ['x', 'bad'], outputs: ['h'] },
        { operator: 'Relu', inputs: ['h'], outputs: ['r'] },
        { operator: 'MatMul', name: 'sound', inputs: ['r', 'good'], outputs: ['y'] },
      ],
    })
    const row = (seed: number) => Buffer.from(noise(16, seed).fill(0, 0, 1).buffer).toString('base64')
    const cases = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => ({
      inputs: { x: { datatype: 'FP32', shape: [1, 16], data: row(seed) } },
    }))
    const { text } = await push(hub, 'planted', writeModel(model), { golden: { cases } })
    expect(text).toContain('"created":true')
    const path = '/v1/models/planted/versions/1'
    const goal = { agreementMin: 1, differenceMax: 0.2 }
    const recipes = ['dynamic-int8', 'static-int8-minmax']
    const { results } = await ended((await start({ recipes, goal }, path)).body)
    for (const result of results)
      expect(result, JSON.stringify(result)).toMatchObject({
        outcome: 'admitted',
        returned: 1,
        worstNodes: [{ node: 'node "planted" (MatMul)', operator: 'MatMul', place: { at: 1, of: 3 } }, { place: {} }],
      })
    const { rows } = (await hub.ask<{ rows: Build[] }>('GET', `${path}/builds`)).body
    expect(rows[0]?.skipped).toEqual([
      { node: 'node "planted" (MatMul)', operator: 'MatMul', reason: expect.stringContaining('too large') },
    ])
    const refused = await ended((await start({ recipes, goal: { agreementMin: 1, differenceMax: 0 } }, path)).body)
    expect(refused.results[0]).toMatchObject({ outcome: 'refused', returned: 1, worstNodes: [{}, {}] })
    expect(refused.results[0]?.message).toContain('the worst nodes are node "planted" (MatMul)')
  },
)

test('calibration data that does not fit is rejected at the door, and one that fits is kept until the end', async () => {
  const bytesOf = (text: string) => upload(hub, Buffer.from(text))
  const rejected = async (text: string) =>
    (await start({ calibration: await bytesOf(text) })).body as unknown as { code: string; message: string }
  const unfit = { code: 'calibration_invalid' }
  expect(await rejected('{')).toMatchObject(unfit)
  expect(await rejected('{"cases":[{"inputs":{"x":1}},{}]}')).toMatchObject(unfit)
  expect(await rejected('{"cases":[]}')).toMatchObject({ ...unfit, message: expect.stringContaining('no rows') })
  const blind = { inputs: { x: { datatype: 'FP32', shape: [1, 3, 16, 16], data: '' } } }
  expect(await rejected(JSON.stringify({ cases: [image(1), blind] }))).toMatchObject({
    message: expect.stringContaining('row 2: x holds 0 bytes'),
  })
  const nowhere = await start({ calibration: digestOf(Buffer.from('nowhere')) })
  expect(nowhere.body).toMatchObject({ code: 'blob_unknown' })

  const dataSet = await bytesOf(JSON.stringify({ cases: [11, 12, 13].map(image) }))
  const { db } = hub.hub.store
  const later = hub.hub.clock.nowMs() + 1_000
  const isCollectable = async () => (await unreferencedBlobs(db, later, 1_000)).some(({ digest }) => digest === dataSet)
  const { body: started } = await start({
    recipes: ['static-int8-minmax'],
    goal: { differenceMax: 2 },
    calibration: dataSet,
  })
  const done = await ended(started)
  expect(done).toMatchObject({ calibration: { digest: dataSet, rows: 3 }, results: [{ outcome: 'admitted' }] })
  expect(await isCollectable()).toBe(true)
  const endAt = (ended_at_ms: number | null) =>
    hub.hub.store.transaction(async (tx) => {
      await tx.updateTable('optimisations').set({ ended_at_ms }).where('id', '=', started.id).execute()
    })
  await endAt(null)
  expect(await isCollectable(), 'a running optimisation holds its data set').toBe(false)
  await endAt(1)
})

test(
  'weights in a file beside the model are part of its builds',
  deep('packages/inference builds such a model in the quick tier; the first test shows the files of builds'),
  async () => {
    const model = readModel(eye)
    if (!model.ok) throw new Error(model.message)
    const weights = moveOut(model.value.graph.initializer[1], 'weights.bin')
    const files = { 'weights.bin': weights }
    const { text } = await push(hub, 'beside', writeModel(model.value), { golden, files })
    expect(text).toContain('"created":true')
    const path = '/v1/models/beside/versions/1'
    const recipes = ['static-int8-minmax', 'float16']
    const { results } = await ended((await start({ recipes, goal: { differenceMax: 2 } }, path)).body)
    expect(results.map(({ outcome }) => outcome)).toEqual(['admitted', 'admitted'])
    const { rows } = (await hub.ask<{ rows: Build[] }>('GET', `${path}/builds`)).body
    expect(rows.map(({ files }) => files.map((file) => file.path))).toEqual([
      ['golden.json', 'model.onnx'],
      ['golden.json', 'model.onnx'],
    ])
  },
)

test('a disk that fills in the middle fails the recipe in words, and a later optimisation succeeds', async () => {
  let isFull = false
  const failing = failingFileSystem(nodeFileSystem, { failAt: 1, code: 'ENOSPC' })
  const fileSystem = new Proxy(nodeFileSystem, {
    get: (target, name) => Reflect.get(isFull ? failing.fileSystem : target, name),
  })
  await using small = await startTestHub({ fileSystem })
  await push(small, 'eye', eye, { golden })
  const optimise = async () => {
    const body = { recipes: ['float16'], goal: { differenceMax: 2 } }
    const started = await small.ask<Optimisation>('POST', `${VERSION}/optimisations`, { body })
    return until(async () => {
      const found = await small.ask<Optimisation>('GET', `/v1/optimisations/${started.body.id}`)
      return found.body.endedAtMs === undefined ? undefined : found.body
    })
  }
  isFull = true
  const [failed] = (await optimise()).results
  expect(failed, JSON.stringify(failed)).toMatchObject({
    outcome: 'failed',
    message: expect.stringMatching(/room|full/),
  })
  isFull = false
  expect((await optimise()).results).toMatchObject([{ outcome: 'admitted' }])
})

test('a recipe that finds nothing to change is refused, and the others go on', async () => {
  await push(hub, 'line', modelBytes(unary('Relu')), { golden: goldenOf(1, 2) })
  const { status, results } = await ended((await start({}, '/v1/models/line/versions/1')).body)
  expect(status).toBe('done')
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['refused']))
  expect(results[0]?.message).toContain('finds nothing in the model')
})

test('what cannot be optimised is rejected at the door', async () => {
  await push(hub, 'bare', modelBytes(unary('Neg')))
  expect((await start({}, '/v1/models/bare/versions/1')).body).toMatchObject({ code: 'optimisation_refused' })
  expect((await start({}, '/v1/models/eye/versions/9')).body).toMatchObject({ code: 'version_unknown' })
  expect((await start({ recipes: ['magic'] })).body).toMatchObject({ code: 'input_invalid' })
  expect((await start({ goal: { agreementMin: 2 } })).body).toMatchObject({ code: 'input_invalid' })
  const key = await otherOrganisation(hub, 'strangers')
  const theirs = await hub.ask('GET', `${VERSION}/builds`, { key })
  expect(theirs.body).toMatchObject({ code: 'model_unknown' })
})

test('an organisation can have twenty optimisations waiting', async () => {
  const started = []
  for (let count = 0; count < 20; count++) started.push((await start({})).body)
  expect((await start({})).body).toMatchObject({ code: 'optimisation_quota_reached' })
  for (const { id } of started) await hub.ask('POST', `/v1/optimisations/${id}/cancel`)
  const again = await start({})
  expect(again.body).toMatchObject({ status: 'queued' })
  await hub.ask('POST', `/v1/optimisations/${again.body.id}/cancel`)
})

test('an optimisation can be ended, once', async () => {
  const { body: started } = await start({})
  const cancelled = await hub.ask<Optimisation>('POST', `/v1/optimisations/${started.id}/cancel`)
  expect(cancelled.body).toMatchObject({ status: 'cancelled' })
  expect((await hub.ask('POST', `/v1/optimisations/${started.id}/cancel`)).body).toMatchObject({
    code: 'optimisation_ended',
  })
})

test(
  'a hub that was killed in the middle goes on with the recipe that has no result',
  deep('it starts two hubs and makes all builds of a model'),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skerry-optimise-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const first = await startHubProcess(join(folder, 'hub'))
    await pushTo(first)
    const { body: started } = await first.ask<Optimisation>('POST', `${VERSION}/optimisations`, {})
    await until(async () => {
      const { body } = await first.ask<Optimisation>('GET', `/v1/optimisations/${started.id}`)
      return body.results.some(({ outcome }) => outcome !== 'waiting') || undefined
    })
    first.child.kill('SIGKILL')
    await first.ended
    await using second = await startHubProcess(join(folder, 'hub'))
    const done = await until(async () => {
      const { body } = await second.ask<Optimisation>('GET', `/v1/optimisations/${started.id}`)
      return body.endedAtMs === undefined ? undefined : body
    })
    expect(done.status).toBe('done')
    expect(done.results.map(({ outcome }) => outcome)).not.toContain('waiting')
  },
)

async function pushTo({ ask, send }: HubProcess) {
  const digest = digestOf(eye)
  const { body } = await ask<{ id: string }>('POST', '/v1/uploads', { digest, sizeBytes: eye.length })
  await send(`/v1/uploads/${body.id}?offsetBytes=0`, eye)
  const files = [{ path: 'model.onnx', digest }]
  const reply = await ask('POST', '/v1/models/eye/versions', { files, golden, labels: {}, aliases: [] })
  expect(reply.status, JSON.stringify(reply.body)).toBe(200)
}
