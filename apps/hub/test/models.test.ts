import { readFile } from 'node:fs/promises'
import { Golden } from '@skerry/contract/golden'
import type { VersionDetail } from '@skerry/contract/model'
import { verifyModel } from '@skerry/platform/model-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from './running-hub.ts'
import { floats, goldenOf, modelBytes, modelWithExternalWeights, push, unary, upload } from './test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const sigmoid = modelBytes(unary('Sigmoid'))

test('a push makes a signed version with its golden outputs, and the same bytes again change nothing', async () => {
  const first = await push(hub, 'first', sigmoid, { golden: goldenOf(0), aliases: ['champion'] })
  expect(first.status, first.text).toBe(200)
  const { created, version } = first.body
  expect(created).toBe(true)
  expect(version).toMatchObject({
    model: 'first',
    version: 1,
    goldenCases: 1,
    aliases: ['champion'],
    createdBy: 'owner',
  })
  expect(version.summary).toMatchObject({ inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }] })
  expect(version.files.map(({ path }) => path)).toEqual(['golden.json', 'model.onnx'])
  const expected = { name: 'first/1', resources: version.files }
  expect(verifyModel(version.bundle, [hub.hub.signing.publicKeyPem], expected)).toMatchObject({ ok: true })
  expect(verifyModel(version.bundle, [hub.hub.signing.publicKeyPem], { ...expected, name: 'first/2' }).ok).toBe(false)

  const golden = await hub.ask('GET', `/v1/blobs/${version.files[0]?.digest}`)
  const { tolerance, cases } = Golden.parse(JSON.parse(golden.text))
  expect(tolerance.absolute).toBeGreaterThan(0)
  expect(cases[0]?.outputs.y).toEqual(floats(0.5))

  const again = await push(hub, 'first', sigmoid, { golden: goldenOf(0), aliases: ['other'] })
  expect(again.body).toEqual({ created: false, version })
  const other = await push(hub, 'first', sigmoid, { golden: goldenOf(1) })
  expect(other.body).toMatchObject({ created: true, version: { version: 2 } })
})

test('a real model passes, and gives the outputs that its maker got', async () => {
  const folder = new URL('../../../examples/sensor-anomaly/', import.meta.url)
  const model = await readFile(new URL('model-v1.onnx', folder))
  const { window, v1 } = JSON.parse(await readFile(new URL('golden.json', folder), 'utf8')) as {
    window: number[][][]
    v1: number[]
  }
  const input = { ...floats(...window.flat(2)), shape: [window.length, 8, 2] }
  const pushed = await push(hub, 'sensor-anomaly', model, { golden: { cases: [{ inputs: { window: input } }] } })
  expect(pushed.status, pushed.text).toBe(200)
  const file = pushed.body.version.files.find(({ path }) => path === 'golden.json')
  const golden = Golden.parse(JSON.parse((await hub.ask('GET', `/v1/blobs/${file?.digest}`)).text))
  const [output] = Object.values(golden.cases[0]?.outputs ?? {})
  const got = new Float32Array(new Uint8Array(Buffer.from(output?.data ?? '', 'base64')).buffer)
  for (const [index, expected] of v1.entries()) expect(got[index]).toBeCloseTo(expected, 3)
})

test('weights may lie beside the model, and must be pushed with it', async () => {
  const weights = Buffer.from(new Float32Array([1, 2, 3]).buffer)
  const external = modelWithExternalWeights('weights.bin')
  const golden = { cases: [{ inputs: { x: floats(10, 10, 10) } }] }
  expect((await push(hub, 'beside', external, { golden })).body).toMatchObject({ code: 'model_incomplete' })
  const pushed = await push(hub, 'beside', external, { golden, files: { 'weights.bin': weights } })
  expect(pushed.status, pushed.text).toBe(200)
  const climbing = await push(hub, 'beside', modelWithExternalWeights('../weights.bin'), { golden })
  expect(climbing.body).toMatchObject({ code: 'model_path_unsafe' })
})

test.each<[string, Uint8Array, unknown, string]>([
  ['is no protobuf', Buffer.from('hello, this is no model'), undefined, 'model_not_onnx'],
  ['is empty', Buffer.alloc(0), undefined, 'model_not_onnx'],
  ['has an operator that no runtime has', modelBytes(unary('Sigmoyd')), undefined, 'model_operator_unsupported'],
  [
    'has an opset of the future',
    modelBytes({ ...unary('Relu'), opsets: { 'ai.onnx': 99 } }),
    undefined,
    'model_opset_unsupported',
  ],
  ['answers NaN', modelBytes(unary('Log')), goldenOf(-1), 'golden_not_finite'],
  ['answers infinity', modelBytes(unary('Reciprocal')), goldenOf(0), 'golden_not_finite'],
  ['has other inputs', sigmoid, { cases: [{ inputs: { z: floats(1) } }] }, 'golden_invalid'],
])('a model that %s is refused', async (_, model, golden, code) => {
  const answer = await push(hub, 'refused', model, golden === undefined ? {} : { golden })
  expect(answer.body, answer.text).toMatchObject({ code })
  expect(answer.status).toBe(422)
  expect((await hub.ask('GET', '/v1/models/refused')).body).toMatchObject({ code: 'model_unknown' })
})

test('files that are not there, are named twice or belong to the hub are refused', async () => {
  const digest = await upload(hub, sigmoid)
  const ask = (files: unknown) => hub.ask<{ code: string }>('POST', '/v1/models/wrong/versions', { body: { files } })
  const absent = `sha256:${'1'.repeat(64)}`
  const codes = await Promise.all([
    ask([{ path: 'model.onnx', digest: absent }]),
    ask([{ path: 'other.onnx', digest }]),
    ask([
      { path: 'model.onnx', digest },
      { path: 'model.onnx', digest },
    ]),
    ask([
      { path: 'model.onnx', digest },
      { path: 'golden.json', digest },
    ]),
    ask([
      { path: 'model.onnx', digest },
      { path: 'model.onnx/x', digest },
    ]),
    ask([
      { path: 'model.onnx', digest },
      { path: '../../etc/passwd', digest },
    ]),
    ask([
      { path: 'model.onnx', digest },
      { path: '/etc/passwd', digest },
    ]),
  ])
  expect(codes.map(({ body }) => body.code)).toEqual(['blob_unknown', ...Array(6).fill('input_invalid')])
})

test('aliases move, hold their version, and name what is not there', async () => {
  await push(hub, 'aliased', modelBytes(unary('Relu')))
  await push(hub, 'aliased', modelBytes(unary('Tanh')))
  const put = (version: string) => hub.ask('PUT', '/v1/models/aliased/aliases/best', { body: { version } })
  expect((await put('1')).body).toEqual({ version: 1 })
  expect((await put('latest')).body).toEqual({ version: 2, previous: 1 })
  const detail = await hub.ask<VersionDetail>('GET', '/v1/models/aliased/versions/@best')
  expect(detail.body).toMatchObject({ version: 2, aliases: ['best'], servingCount: 0 })
  const remove = (path: string) => hub.ask('DELETE', `/v1/models/aliased${path}`)
  expect((await remove('/versions/2')).body).toMatchObject({ code: 'version_in_use' })
  expect((await remove('/aliases/best')).status).toBe(200)
  expect((await remove('/aliases/best')).body).toMatchObject({ code: 'alias_unknown' })
  expect((await remove('/versions/2')).status).toBe(200)
  expect((await put('2')).body).toMatchObject({ code: 'version_unknown' })
  expect((await put('@none')).body).toMatchObject({ code: 'alias_unknown' })
})

test('a number is never given to two versions, not even after the model was removed', async () => {
  await push(hub, 'again', modelBytes(unary('Relu')))
  expect((await hub.ask('DELETE', '/v1/models/again')).body).toEqual({ versions: 1 })
  expect((await hub.ask('GET', '/v1/models/again')).body).toMatchObject({ code: 'model_unknown' })
  expect((await push(hub, 'again', modelBytes(unary('Relu')))).body).toMatchObject({ version: { version: 2 } })
})

test('two pushes of the same bytes at once make one version', async () => {
  const bytes = modelBytes(unary('Softsign'))
  await upload(hub, bytes)
  const answers = await Promise.all([push(hub, 'twice', bytes), push(hub, 'twice', bytes), push(hub, 'twice', bytes)])
  expect(answers.map(({ body }) => body.version.version)).toEqual([1, 1, 1])
  expect(answers.filter(({ body }) => body.created)).toHaveLength(1)
})
