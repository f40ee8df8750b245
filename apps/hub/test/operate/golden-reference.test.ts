/** Expected outputs of a push: an export that loads, runs and answers finite numbers, but not those of its framework. */
import { Golden } from '@skerry/contract/devices/golden'
import type { VersionDetail } from '@skerry/contract/models/model'
import { verifyModel } from '@skerry/platform/signatures/model-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { floats, modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

/** [ONNX operators, LeakyRelu] y = x, or alpha · x below 0. PyTorch's slope is 0.01. */
const leaky = (alpha: number) =>
  modelBytes({
    ...unary('LeakyRelu'),
    nodes: [{ operator: 'LeakyRelu', inputs: ['x'], outputs: ['y'], attributes: { alpha: { float: alpha } } }],
  })
const right = leaky(0.01)
const wrong = leaky(0.1)

/** The answers of the framework, printed with few digits, as people print them. */
const cases = [
  { inputs: { x: floats(1, 2) }, outputs: { y: floats(1, 2) } },
  { inputs: { x: floats(-2, 3, -5) }, outputs: { y: floats(-0.02, 3, -0.050_01) } },
]

const pushLeaky = (model: Uint8Array, golden: unknown) => push(hub, 'leaky', model, { golden })

const goldenOf = async ({ files }: VersionDetail) => {
  const file = files.find(({ path }) => path === 'golden.json')
  return Golden.parse(JSON.parse((await hub.ask('GET', `/v1/blobs/${file?.digest}`)).text))
}

test('a wrong export passes without expected outputs, and is rejected with them, in numbers', async () => {
  const blind = await push(hub, 'leaky', wrong, { golden: { cases: cases.map(({ inputs }) => ({ inputs })) } })
  expect(blind.body, blind.text).toMatchObject({ created: true, version: { goldenSource: 'hub' } })
  const refused = await pushLeaky(wrong, { cases })
  expect(refused.status).toBe(422)
  expect(refused.body).toMatchObject({
    code: 'golden_reference_differs',
    data: {
      case: 2,
      cases: 2,
      casesDiffering: 1,
      output: 'y',
      kind: 'values',
      index: [2],
      expected: -0.050_01,
      actual: -0.5,
      differing: 2,
      count: 3,
    },
  })
  expect(refused.body.message).toContain(
    'golden case 2 of 2 (1 of 2 cases differ): output y[2] is -0.5, expected -0.05001',
  )
  expect(refused.body.message).toContain('allowed 0.0001 + 0.001 × |expected|; 2 of 3 values differ')
  expect((await hub.ask('GET', '/v1/models/leaky')).body).toMatchObject({ deployable: { versionCount: 1 } })
})

test('of several wrong cases, the worst one is named', async () => {
  const far = { inputs: { x: floats(-50, 1) }, outputs: { y: floats(-0.5, 1) } }
  const refused = await pushLeaky(wrong, { cases: [...cases, far] })
  expect(refused.body, refused.text).toMatchObject({
    code: 'golden_reference_differs',
    data: { case: 3, casesDiffering: 2, expected: -0.5, actual: -5 },
  })
})

test("the person's outputs become the reference, and the signed statement names their origin", async () => {
  const { body, text } = await push(hub, 'right', right, { golden: { cases } })
  expect(body, text).toMatchObject({ created: true, version: { goldenSource: 'pushed' } })
  const golden = await goldenOf(body.version)
  expect(golden.cases.map(({ outputs }) => outputs)).toEqual(cases.map(({ outputs }) => outputs))
  const expected = { name: 'right/1', resources: body.version.files }
  const trusted = [hub.hub.signing.publicKeyPem]
  expect(verifyModel(body.version.bundle, trusted, expected)).toMatchObject({ ok: true, goldenSource: 'pushed' })

  await hub.ask('POST', '/v1/models/right/versions/1/signatures', { body: {} })
  const signed = await hub.ask<VersionDetail>('GET', '/v1/models/right/versions/1')
  expect(signed.body.goldenSource, 'a new signature keeps it').toBe('pushed')
  const audit = await hub.ask<{ rows: unknown[] }>('GET', '/v1/audit?action=model.push&newestFirst=true&limit=1')
  expect(audit.body.rows).toMatchObject([{ detail: { created: true, goldenSource: 'pushed' } }])
})

test('the hub adds outputs that a person did not give, and a tolerance of theirs decides', async () => {
  const two = modelBytes({
    inputs: unary('Relu').inputs,
    outputs: [...unary('Relu').outputs, { name: 'z', datatype: 'FP32', shape: [-1] }],
    nodes: [
      { operator: 'LeakyRelu', inputs: ['x'], outputs: ['y'], attributes: { alpha: { float: 0.1 } } },
      { operator: 'Neg', inputs: ['x'], outputs: ['z'] },
    ],
  })
  const some = { cases, tolerance: { absolute: 0.5, relative: 0 } }
  const { body, text } = await push(hub, 'two', two, { golden: some })
  expect(body, text).toMatchObject({ created: true, version: { goldenSource: 'mixed' } })
  const golden = await goldenOf(body.version)
  expect(golden.tolerance).toEqual(some.tolerance)
  expect(golden.cases[0]?.outputs).toEqual({ y: floats(1, 2), z: floats(-1, -2) })
  const none = await push(hub, 'none', right)
  expect(none.body.version.goldenSource).toBeUndefined()
})

const first = { x: floats(1, 2) }

test.each<[string, unknown, string, unknown]>([
  ['a name', { q: floats(1, 2) }, 'the model has no output q; name the expected', { kind: 'missing', outputs: ['y'] }],
  [
    'a shape',
    { y: { ...floats(1, 2), shape: [1, 2] } },
    'output y is FP32 [2], expected FP32 [1, 2]',
    { kind: 'form', actual: 'FP32 [2]' },
  ],
  [
    'a type',
    { y: { datatype: 'INT32', shape: [2], data: Buffer.alloc(8).toString('base64') } },
    'output y is FP32 [2], expected INT32 [2]',
    { kind: 'form', expected: 'INT32 [2]' },
  ],
])('expected outputs with %s that the model does not have are rejected', async (_what, outputs, message, data) => {
  const refused = await pushLeaky(right, { cases: [{ inputs: first, outputs }] })
  expect(refused.body).toMatchObject({ code: 'golden_reference_differs', data })
  expect(refused.body.message).toContain(message)
})

test('expected outputs that are NaN or infinite, or name nothing, are rejected before the model runs', async () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const refused = await pushLeaky(right, { cases: [{ inputs: first, outputs: { y: floats(1, value) } }] })
    expect(refused.body).toMatchObject({ code: 'golden_invalid' })
    expect(refused.body.message).toContain('golden case 1 of 1: the expected output y[1] is NaN or infinite')
  }
  expect((await pushLeaky(right, { cases: [{ inputs: first, outputs: {} }] })).body).toMatchObject({
    code: 'input_invalid',
  })
})
