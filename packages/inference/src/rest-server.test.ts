import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { float32, int64, newHost, serve, until } from '../test/fixture.ts'
import { type OipServer, startRestServer } from './rest-server.ts'

const host = newHost()
let server: OipServer
const BODY_BYTES_MAX = 100_000

const startServer = () =>
  startRestServer({ host, identity: { name: 'skerry', version: '0.1.0' }, port: 0, bodyBytesMax: BODY_BYTES_MAX })

beforeAll(async () => {
  for (const model of ['times-2', 'identity-fp16', 'identity-bytes', 'identity-int64', 'divide', 'rows'])
    await serve(host, model)
  await serve(host, 'spin', { queueMax: 1 })
  server = await startServer()
})
afterAll(async () => {
  await server.close(1_000)
  await host.close()
})

type Reply = { status: number; headers: Headers; body: unknown }

async function call(path: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init)
  const text = await response.text()
  const isJson = text !== '' && response.headers.get('content-type') === 'application/json'
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

const x = (changed: object = {}) => ({ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2], ...changed })

/** JSON and the bytes of binary tensors behind it, as the extension has them. */
function binaryCall(path: string, json: unknown, binary: Uint8Array, headerLength?: number | string) {
  const head = Buffer.from(JSON.stringify(json))
  return call(path, {
    method: 'POST',
    headers: { 'Inference-Header-Content-Length': String(headerLength ?? head.length) },
    body: Buffer.concat([head, binary]),
  })
}

async function rawCall(path: string, body: Uint8Array<ArrayBuffer>) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'POST',
    headers: { 'Inference-Header-Content-Length': '0' },
    body,
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const jsonLength = Number(response.headers.get('inference-header-content-length') ?? bytes.length)
  return {
    status: response.status,
    json: JSON.parse(bytes.toString('utf8', 0, jsonLength)),
    binary: bytes.subarray(jsonLength),
  }
}

test.each([
  ['/v2', { name: 'skerry', version: '0.1.0', extensions: ['binary_tensor_data', 'model_repository', 'statistics'] }],
  ['/v2/', { name: 'skerry', version: '0.1.0', extensions: ['binary_tensor_data', 'model_repository', 'statistics'] }],
  ['/v2/health/live', { live: true, ready: true }],
  ['/v2/health/ready', { live: true, ready: true }],
  ['/v2/models/times-2/ready', { name: 'times-2', ready: true }],
  ['/v2/models/times-2/versions/1/ready/?verbose=1', { name: 'times-2', ready: true }],
  [
    '/v2/models/times%2D2/versions/1',
    {
      name: 'times-2',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, -1] }],
    },
  ],
])('GET %s', async (path, body) => {
  expect(await call(path)).toMatchObject({ status: 200, body })
})

test('answers an inference in JSON, with the id if there was one', async () => {
  expect(await post('/v2/models/times-2/infer', { id: 'a', inputs: [x()] })).toMatchObject({
    status: 200,
    body: {
      model_name: 'times-2',
      model_version: '1',
      id: 'a',
      outputs: [{ name: 'y', shape: [1, 2], datatype: 'FP32', data: [2, 4] }],
    },
  })
  expect(
    (await post('/v2/models/times-2/versions/1/infer', { inputs: [x({ data: [[3, 4]] })] })).body,
  ).not.toHaveProperty('id')
})

test('keeps integers beyond 2^53 exact', async () => {
  const response = await fetch(`http://127.0.0.1:${server.port}/v2/models/identity-int64/infer`, {
    method: 'POST',
    body: '{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT64","data":[9223372036854775807,-9007199254740993]}]}',
  })
  expect(await response.text()).toContain('"data":[9223372036854775807,-9007199254740993]')
})

test('mixes JSON and binary tensors both ways, in order', async () => {
  const { data: level } = int64('', [2, 1], [2n, 0n])
  const inputs = [
    { name: 'x', shape: [2, 1], datatype: 'FP32', data: [5, 6] },
    { name: 'level', shape: [2, 1], datatype: 'INT64', parameters: { binary_data_size: 16 } },
  ]
  const outputs = [{ name: 'label', parameters: { binary_data: true } }, { name: 'sum' }]
  const { status, headers, body } = await binaryCall('/v2/models/rows/infer', { inputs, outputs }, level)
  expect([status, headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
  const bytes = Buffer.from(String(body))
  const jsonLength = Number(headers.get('inference-header-content-length'))
  expect(JSON.parse(bytes.toString('utf8', 0, jsonLength)).outputs).toEqual([
    { name: 'label', shape: [2, 1], datatype: 'BYTES', parameters: { binary_data_size: 19 } },
    { name: 'sum', shape: [2, 1], datatype: 'FP32', data: [5, 6] },
  ])
  expect(bytes.toString('utf8', jsonLength)).toBe('\x08\0\0\0größer\x03\0\0\0low')
})

test("an output's own wish for binary goes over the request's", async () => {
  const parameters = { binary_data_output: true }
  const outputs = [{ name: 'y', parameters: { binary_data: false } }]
  expect(await post('/v2/models/times-2/infer', { inputs: [x()], parameters, outputs })).toMatchObject({
    headers: expect.objectContaining({}),
    body: { outputs: [{ data: [2, 4] }] },
  })
  const { headers } = await post('/v2/models/times-2/infer', { inputs: [x()], parameters })
  expect(headers.get('content-type')).toBe('application/octet-stream')
})

test('takes a raw body where its shape is plain', async () => {
  const { status, json, binary } = await rawCall('/v2/models/times-2/infer', float32('', [1, 3], [1, 2, 3]).data)
  expect([status, json.outputs[0].shape]).toEqual([200, [1, 3]])
  expect(binary).toEqual(Buffer.from(Float32Array.of(2, 4, 6).buffer))
  const text = await rawCall('/v2/models/identity-bytes/infer', new TextEncoder().encode('größer'))
  expect(text).toMatchObject({
    status: 200,
    json: { outputs: [{ shape: [1, 1] }] },
    binary: Buffer.from('\x08\0\0\0größer'),
  })
  expect(await rawCall('/v2/models/times-2/infer', new Uint8Array(5))).toMatchObject({ status: 400 })
  expect(await rawCall('/v2/models/rows/infer', new Uint8Array(8))).toMatchObject({ status: 400 })
})

test.each([
  ['/v2/models/nothing/infer', 404, "model 'nothing' is not served here"],
  ['/v2/models/nothing', 404, "model 'nothing' is not served here"],
  ['/v2/models/nothing/stats', 404, "model 'nothing' is not served here"],
  ['/v2/models/times-2/versions/9/infer', 404, "model 'times-2' is served in version 1, not 9"],
  ['/v2/models/times-2/generate', 404, 'no such path: GET /v2 tells what this server speaks'],
  ['/v2/models', 404, 'no such path: GET /v2 tells what this server speaks'],
  ['/v2/models//infer', 404, 'no such path: GET /v2 tells what this server speaks'],
  ['/v1/models/times-2:predict', 404, 'no such path: GET /v2 tells what this server speaks'],
  ['/v2/models/%E0%A4%A/infer', 400, 'the path has a broken percent sign'],
  [
    '/v2/repository/models/times-2/unload',
    501,
    'models are loaded by the hub: deploy a version to this device instead',
  ],
])('%s gives %i', async (path, status, error) => {
  const method = path.endsWith('infer') || path.endsWith('load') ? 'POST' : 'GET'
  expect(await call(path, { method })).toMatchObject({ status, body: { error } })
})

test('names the method that a path takes', async () => {
  const { status, headers } = await call('/v2/models/times-2/infer')
  expect([status, headers.get('allow')]).toEqual([405, 'POST'])
  expect((await post('/v2', '')).status).toBe(405)
  expect((await call('/v2/health/live', { method: 'HEAD' })).status).toBe(200)
})

test.each([
  ['nothing', '', 'the body is not JSON'],
  ['no JSON', '{"inputs":', 'the body is not JSON'],
  ['an array', [], 'the body must be a JSON object'],
  ['no inputs', {}, "'inputs' must be an array of tensors"],
  ['a missing input', { inputs: [] }, "input 'x' is missing: the model needs 'x'"],
  ['a number as id', { id: 1, inputs: [x()] }, "'id' must be a string"],
  ['a null input', { inputs: [null] }, 'input 0 must be an object'],
  ['no name', { inputs: [x({ name: undefined })] }, "input 0 must have a 'name'"],
  ['an unknown input', { inputs: [x(), x({ name: 'z' })] }, "input 'z' is unknown: the model has 'x'"],
  ['an input twice', { inputs: [x(), x()] }, 'an input is given twice'],
  ['no shape', { inputs: [x({ shape: undefined })] }, "input 'x' must have a 'shape'"],
  ['a negative size', { inputs: [x({ shape: [-1, 2] })] }, "input 'x' must have a 'shape'"],
  ['a huge size', { inputs: [x({ shape: [0, 2 ** 31] })] }, "input 'x' must have a 'shape'"],
  ['a huge shape', { inputs: [x({ shape: [2 ** 30, 2 ** 30] })] }, "input 'x' needs 1152921504606847000 elements"],
  ['another rank', { inputs: [x({ shape: [2] })] }, "input 'x' must have shape [-1,-1] (-1 is any size), got [2]"],
  ['too few values', { inputs: [x({ data: [1] })] }, "input 'x' needs 2 elements for its shape, got 1"],
  ['another data type', { inputs: [x({ datatype: 'FP64' })] }, "input 'x' must be FP32, got FP64"],
  ['no data type', { inputs: [x({ datatype: 'float' })] }, "input 'x' must have a 'datatype' of the protocol"],
  [
    'an inherited data type',
    { inputs: [x({ datatype: 'toString' })] },
    "input 'x' must have a 'datatype' of the protocol",
  ],
  ['a string as value', { inputs: [x({ data: [1, '2'] })] }, "input 'x' has an element that is not a FP32"],
  ['null as value', { inputs: [x({ data: [1, null] })] }, "input 'x' has an element that is not a FP32"],
  ['an unknown output', { inputs: [x()], outputs: [{ name: 'z' }] }, "output 'z' is unknown: the model has 'y'"],
  ['an output twice', { inputs: [x()], outputs: [{ name: 'y' }, { name: 'y' }] }, "output 'y' is asked for twice"],
  ['outputs that are no array', { inputs: [x()], outputs: 'y' }, "'outputs' must be an array"],
  ['a wrong timeout', { inputs: [x()], parameters: { timeout: -1 } }, "parameter 'timeout' must be"],
  ['a wrong wish', { inputs: [x()], parameters: { binary_data_output: 1 } }, "parameter 'binary_data_output' must be"],
  [
    'bytes that are not there',
    { inputs: [x({ data: undefined, parameters: { binary_data_size: 8 } })] },
    'but 0 bytes are left',
  ],
])('refuses %s', async (_, body, error) => {
  const reply = await post('/v2/models/times-2/infer', body)
  expect(reply).toMatchObject({ status: 400, body: { error: expect.stringContaining(error) } })
})

test.each([
  [
    'fewer bytes than announced',
    { binary_data_size: 8 },
    new Uint8Array(4),
    undefined,
    'but 4 bytes are left in the body',
  ],
  [
    'more bytes than announced',
    { binary_data_size: 8 },
    new Uint8Array(9),
    undefined,
    '1 bytes of binary data belong to no input',
  ],
  [
    'bytes that do not fill the shape',
    { binary_data_size: 4 },
    new Uint8Array(4),
    undefined,
    'needs 8 bytes for its shape, got 4',
  ],
  [
    'a header past the body',
    { binary_data_size: 8 },
    new Uint8Array(8),
    9_999,
    'Inference-Header-Content-Length is 9999',
  ],
  [
    'a header that is no number',
    { binary_data_size: 8 },
    new Uint8Array(8),
    '0x10',
    'Inference-Header-Content-Length must be',
  ],
  ['a header inside the JSON', { binary_data_size: 8 }, new Uint8Array(8), 10, 'the body is not JSON'],
  [
    'a size that is no number',
    { binary_data_size: '8' },
    new Uint8Array(8),
    undefined,
    'has a \'binary_data_size\' of "8"',
  ],
])('refuses a binary request with %s', async (_, parameters, binary, headerLength, error) => {
  const json = { inputs: [x({ data: undefined, parameters })] }
  const reply = await binaryCall('/v2/models/times-2/infer', json, binary, headerLength)
  expect(reply).toMatchObject({ status: 400, body: { error: expect.stringContaining(error) } })
})

test.each([
  ['a sequence', { inputs: [x()], parameters: { sequence_id: 7 } }],
  ['shared memory', { inputs: [x({ parameters: { shared_memory_region: 'a' } })] }],
  ['a classification', { inputs: [x()], outputs: [{ name: 'y', parameters: { classification: 3 } }] }],
])('says plainly that it has no %s', async (_, body) => {
  expect(await post('/v2/models/times-2/infer', body)).toMatchObject({ status: 501 })
})

test('asks for binary where JSON cannot carry an answer', async () => {
  const zeros = ['a', 'b'].map((name) => ({ name, shape: [1], datatype: 'FP32', data: [0] }))
  expect(await post('/v2/models/divide/infer', { inputs: zeros })).toMatchObject({
    status: 500,
    body: { error: "output 'y' has NaN or infinity, which JSON cannot carry: ask for binary data" },
  })
  const half = { name: 'x', shape: [1, 1], datatype: 'FP16', parameters: { binary_data_size: 2 } }
  expect(await binaryCall('/v2/models/identity-fp16/infer', { inputs: [half] }, new Uint8Array(2))).toMatchObject({
    status: 400,
  })
})

test('refuses strings that the runtime would alter', async () => {
  for (const text of ['a\0b', '\ud800']) {
    const inputs = [{ name: 'x', shape: [1, 1], datatype: 'BYTES', data: [text] }]
    expect(await post('/v2/models/identity-bytes/infer', { inputs })).toMatchObject({ status: 400 })
  }
  const inputs = [{ name: 'x', shape: [1, 1], datatype: 'BYTES', parameters: { binary_data_size: 5 } }]
  for (const bytes of [
    [1, 0, 0, 0, 255],
    [9, 0, 0, 0, 65],
    [1, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
  ]) {
    expect(await binaryCall('/v2/models/identity-bytes/infer', { inputs }, Uint8Array.from(bytes))).toMatchObject({
      status: 400,
    })
  }
})

test('refuses a body over the limit, declared or not, and an encoded one', async () => {
  const large = 'x'.repeat(BODY_BYTES_MAX + 1)
  expect(await post('/v2/models/times-2/infer', large)).toMatchObject({ status: 413 })
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(large))
      controller.close()
    },
  })
  expect(await call('/v2/models/times-2/infer', { method: 'POST', body: stream, duplex: 'half' })).toMatchObject({
    status: 413,
  })
  expect(await post('/v2/models/times-2/infer', '', { 'Content-Encoding': 'gzip' })).toMatchObject({ status: 415 })
})

test('takes a body in many chunks', async () => {
  const bytes = Buffer.from(JSON.stringify({ inputs: [x()] }))
  const stream = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  expect(await call('/v2/models/times-2/infer', { method: 'POST', body: stream, duplex: 'half' })).toMatchObject({
    status: 200,
  })
})

const spinning = (steps: number, parameters = {}) => ({
  inputs: [{ name: 'steps', shape: [1], datatype: 'INT64', data: [steps] }],
  parameters,
})

test('refuses early when the queue is full, and says when to come back', async () => {
  const busy = Array.from({ length: 3 }, () => post('/v2/models/spin/infer', spinning(200_000)))
  await until(() => (host.stats().find(({ name }) => name === 'spin')?.pending ?? 0) === 3)
  const { status, headers } = await post('/v2/models/spin/infer', spinning(1))
  expect([status, headers.get('retry-after')]).toEqual([429, '1'])
  for (const reply of busy) expect((await reply).status).toBe(200)
})

test('answers 504 at the deadline that the client set', async () => {
  expect(await post('/v2/models/spin/infer', spinning(400_000, { timeout: 5_000 }))).toMatchObject({ status: 504 })
})

test('forgets a request whose client hung up', async () => {
  const cancelled = () => host.stats().find(({ name }) => name === 'spin')?.statistics.failures.CANCELED ?? 0
  const before = cancelled()
  const client = httpRequest({ port: server.port, path: '/v2/models/spin/infer', method: 'POST' })
  client.on('error', () => {})
  client.end(JSON.stringify(spinning(300_000)))
  await until(() => (host.stats().find(({ name }) => name === 'spin')?.pending ?? 0) > 0)
  client.destroy()
  await until(() => cancelled() > before)
})

test('tells its models, statistics and metrics', async () => {
  await post('/v2/models/divide/infer', {
    inputs: ['a', 'b'].map((name) => ({ name, shape: [2], datatype: 'FP32', data: [1, 1] })),
  })
  const index = await post('/v2/repository/index', { ready: true })
  expect(index.body).toContainEqual({ name: 'divide', version: '1', state: 'READY', reason: '' })
  expect(await post('/v2/repository/index', '')).toEqual({ ...index, headers: expect.anything() })
  expect((await post('/v2/repository/index', '{"ready":1}')).status).toBe(400)
  const { body } = await call('/v2/models/divide/stats')
  expect(body).toMatchObject({ model_stats: [{ name: 'divide', version: '1', last_inference: 1_234 }] })
  expect((await call('/v2/models/stats')).body).toMatchObject({ model_stats: { length: 7 } })
  const metrics = String((await call('/metrics')).body)
  expect(metrics).toMatch(/^skerry_inference_request_success\{model="divide",version="1"\} \d+$/m)
  expect(metrics).toMatch(/^skerry_inference_latency_us_bucket\{model="divide",version="1",le="\+Inf"\} \d+$/m)
  expect(metrics.split('\n').filter((line) => !/^(#.*|skerry_\w+\{[^}]*\} \d+|)$/.test(line))).toEqual([])
})

test('no request, however wrong, makes it fail', async () => {
  const anyValue = fc.jsonValue({ maxDepth: 3 })
  const anyInput = fc.record(
    {
      name: fc.oneof(fc.constant('x'), anyValue),
      shape: fc.oneof(fc.constant([1, 2]), fc.array(fc.integer()), anyValue),
      datatype: fc.oneof(fc.constant('FP32'), fc.constantFrom('BYTES', 'BF16', '__proto__'), anyValue),
      parameters: fc.oneof(fc.record({ binary_data_size: fc.oneof(fc.nat(40), anyValue) }), anyValue),
      data: fc.oneof(fc.constant([1, 2]), anyValue),
    },
    { requiredKeys: [] },
  )
  const anyBody = fc.record(
    {
      id: fc.oneof(fc.string(), anyValue),
      parameters: fc.oneof(fc.record({ timeout: fc.nat(), binary_data_output: fc.boolean() }), anyValue),
      inputs: fc.oneof(fc.array(anyInput, { maxLength: 3 }), anyValue),
      outputs: fc.oneof(fc.array(fc.record({ name: fc.constantFrom('y', 'z'), parameters: anyValue })), anyValue),
    },
    { requiredKeys: [] },
  )
  const anyTail = fc.uint8Array({ maxLength: 16 })
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(anyBody, anyValue),
      anyTail,
      fc.option(fc.integer({ min: -2, max: 400 })),
      async (body, tail, length) => {
        const { status } = await binaryCall('/v2/models/times-2/infer', body, tail, length ?? undefined)
        expect([200, 400, 501]).toContain(status)
      },
    ),
    { numRuns: 300 },
  )
})

test('what is not HTTP gets an error in the protocol’s form', async () => {
  const talk = (text: string) =>
    new Promise<string>((resolve) => {
      let heard = ''
      const socket = connect(server.port, '127.0.0.1', () => socket.write(text))
      socket.on('data', (chunk) => {
        heard += chunk
      })
      socket.on('close', () => resolve(heard))
      socket.on('error', () => {})
    })
  expect(await talk('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*\{"error":/s)
  expect(await talk(`GET /v2 HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 431 .*\{"error":/s,
  )
  expect(await talk('POST /v2/models/times-2/infer HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n')).toMatch(
    /^HTTP\/1.1 400 /,
  )
})

test('closes gracefully: what is on the way is answered, what comes later is refused', async () => {
  const other = await startServer()
  const path = `http://127.0.0.1:${other.port}/v2/models/spin/infer`
  const onItsWay = fetch(path, { method: 'POST', body: JSON.stringify(spinning(100_000)) })
  await until(() => (host.stats().find(({ name }) => name === 'spin')?.pending ?? 0) > 0)
  const closed = other.close(30_000)
  await expect(fetch(path, { method: 'POST' })).rejects.toThrow()
  expect((await onItsWay).status).toBe(200)
  await closed
})
