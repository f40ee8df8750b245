import { request as httpRequest } from 'node:http'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { float32, int64, newHost, serve, stoke } from '../../test/fixture.ts'
import { inputX, restClient } from '../../test/rest-client.ts'
import { type OipServer, startRestServer } from './rest-server.ts'

const host = newHost()
let server: OipServer
const startServer = () => startRestServer({ host, identity: { name: 'skerry', version: '0.1.0' }, port: 0 })

beforeAll(async () => {
  for (const model of ['times-2', 'identity-bytes', 'identity-int64', 'divide', 'rows']) await serve(host, model)
  await serve(host, 'spin', { queueMax: 1 })
  server = await startServer()
})
afterAll(async () => {
  await server.close(1_000)
  await host.close()
})

const { call, post, binaryCall, rawCall } = restClient(() => server.port)

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
  expect(await post('/v2/models/times-2/infer', { id: 'a', inputs: [inputX()] })).toMatchObject({
    status: 200,
    body: {
      model_name: 'times-2',
      model_version: '1',
      id: 'a',
      outputs: [{ name: 'y', shape: [1, 2], datatype: 'FP32', data: [2, 4] }],
    },
  })
  expect(
    (await post('/v2/models/times-2/versions/1/infer', { inputs: [inputX({ data: [[3, 4]] })] })).body,
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

test('takes binary tensors that begin at any byte', async () => {
  const inputs = [
    { name: 'x', shape: [1, 1], datatype: 'FP32', parameters: { binary_data_size: 4 } },
    { name: 'level', shape: [1, 1], datatype: 'INT64', parameters: { binary_data_size: 8 } },
  ]
  for (const id of ['', 'a', 'ab', 'abc']) {
    const bytes = Buffer.concat([float32('', [1, 1], [7]).data, int64('', [1, 1], [1n]).data])
    expect(await binaryCall('/v2/models/rows/infer', { id, inputs }, bytes)).toMatchObject({
      status: 200,
      body: { id, outputs: [{ data: [7] }, { data: ['middle'] }] },
    })
  }
})

test('moves large tensors through, in JSON and in binary', async () => {
  const values = Float32Array.from({ length: 300_000 }, (_, at) => at / 3)
  const twice = values.map((value) => value * 2)
  const inputs = [inputX({ shape: [3, 100_000], data: Array.from(values) })]
  const { body } = await post('/v2/models/times-2/infer', { inputs })
  expect(body).toMatchObject({ outputs: [{ shape: [3, 100_000] }] })
  expect(JSON.stringify(body)).toContain(`"data":[${twice.join()}]`)
  const { status, json, binary } = await rawCall('/v2/models/times-2/infer', new Uint8Array(values.buffer))
  expect([status, json.outputs[0].shape]).toEqual([200, [1, 300_000]])
  expect(binary.equals(new Uint8Array(twice.buffer))).toBe(true)
})

test("an output's own wish for binary goes over the request's", async () => {
  const parameters = { binary_data_output: true }
  const outputs = [{ name: 'y', parameters: { binary_data: false } }]
  expect(await post('/v2/models/times-2/infer', { inputs: [inputX()], parameters, outputs })).toMatchObject({
    headers: expect.objectContaining({}),
    body: { outputs: [{ data: [2, 4] }] },
  })
  const { headers } = await post('/v2/models/times-2/infer', { inputs: [inputX()], parameters })
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

test('takes a body in many chunks', async () => {
  const bytes = Buffer.from(JSON.stringify({ inputs: [inputX()] }))
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
  const stop = stoke(host)
  let reply = await post('/v2/models/spin/infer', spinning(1))
  while (reply.status !== 429) reply = await post('/v2/models/spin/infer', spinning(1))
  expect(reply.headers.get('retry-after')).toBe('1')
  await stop()
})

test('answers 504 at the deadline that the client set', async () => {
  expect(await post('/v2/models/spin/infer', spinning(200_000, { timeout: 5_000 }))).toMatchObject({ status: 504 })
})

test('forgets a request whose client hung up', async () => {
  const spinStats = () => host.stats().find(({ name }) => name === 'spin')
  const cancelled = () => spinStats()?.statistics.failures.CANCELED ?? 0
  const before = cancelled()
  // On a busy machine the answer may be there before the client is gone; then another one hangs up.
  while (cancelled() === before) {
    const client = httpRequest({ port: server.port, path: '/v2/models/spin/infer', method: 'POST' })
    client.on('error', () => {})
    client.on('response', (response) => response.resume())
    client.end(JSON.stringify(spinning(300_000)))
    await until(() => spinStats()?.pending === 1)
    client.destroy()
    await until(() => spinStats()?.pending === 0)
  }
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
  expect((await call('/v2/models/stats')).body).toMatchObject({ model_stats: { length: 6 } })
  const metrics = String((await call('/metrics')).body)
  expect(metrics).toMatch(/^skerry_inference_request_success\{model="divide",version="1"\} \d+$/m)
  expect(metrics).toMatch(/^skerry_inference_latency_us_bucket\{model="divide",version="1",le="\+Inf"\} \d+$/m)
  expect(metrics.split('\n').filter((line) => !/^(#.*|skerry_\w+\{[^}]*\} \d+|)$/.test(line))).toEqual([])
})

test('a model named stats shares a path with the statistics of all models, and the answer has both', async () => {
  await serve(host, 'times-3', { as: 'stats' })
  expect((await call('/v2/models/stats')).body).toMatchObject({
    name: 'stats',
    versions: ['1'],
    inputs: [{ name: 'x' }],
    outputs: [{ name: 'y' }],
    model_stats: expect.arrayContaining([expect.objectContaining({ name: 'times-2' })]),
  })
  expect((await call('/v2/models/stats/versions/1')).body).not.toHaveProperty('model_stats')
  expect((await call('/v2/models/stats/stats')).body).toMatchObject({ model_stats: [{ name: 'stats' }] })
  expect((await call('/v2/models/stats/ready')).body).toEqual({ name: 'stats', ready: true })
  host.deactivate('stats')
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
