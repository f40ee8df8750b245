import { connect } from 'node:net'
import { until } from '@skerry/testkit/until'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newHost, serve } from '../../test/fixture.ts'
import { inputX, restClient } from '../../test/rest-client.ts'
import { type OipServer, startRestServer } from './rest-server.ts'

const host = newHost()
let server: OipServer
const BODY_BYTES_MAX = 100_000

beforeAll(async () => {
  for (const model of ['times-2', 'identity-fp16', 'identity-bytes', 'divide']) await serve(host, model)
  const identity = { name: 'skerry', version: '0.1.0' }
  server = await startRestServer({ host, identity, port: 0, bodyBytesMax: BODY_BYTES_MAX })
})
afterAll(async () => {
  await server.close(1_000)
  await host.close()
})

const { call, post, binaryCall } = restClient(() => server.port)

test.each([
  ['/v2/models/nothing/infer', 404, "model 'nothing' is not served here"],
  ['/v2/models/nothing', 404, "model 'nothing' is not served here"],
  ['/v2/models/nothing/stats', 404, "model 'nothing' is not served here"],
  ['/v2/models/times-2/versions/9/infer', 404, "model 'times-2' is served in version 1, not 9"],
  ['/v2/models/times-2/generate', 404, 'no such path: GET /v2 describes this server'],
  ['/v2/models', 404, 'no such path: GET /v2 describes this server'],
  ['/v2/models//infer', 404, 'no such path: GET /v2 describes this server'],
  ['/v1/models/times-2:predict', 404, 'no such path: GET /v2 describes this server'],
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

test('names the method that a path accepts', async () => {
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
  ['a number as id', { id: 1, inputs: [inputX()] }, "'id' must be a string"],
  ['a null input', { inputs: [null] }, 'input 0 must be an object'],
  ['no name', { inputs: [inputX({ name: undefined })] }, "input 0 must have a 'name'"],
  ['an unknown input', { inputs: [inputX(), inputX({ name: 'z' })] }, "input 'z' is unknown: the model has 'x'"],
  ['an input twice', { inputs: [inputX(), inputX()] }, 'an input is given twice'],
  ['no shape', { inputs: [inputX({ shape: undefined })] }, "input 'x' must have a 'shape'"],
  ['a negative size', { inputs: [inputX({ shape: [-1, 2] })] }, "input 'x' must have a 'shape'"],
  ['a huge size', { inputs: [inputX({ shape: [0, 2 ** 31] })] }, "input 'x' must have a 'shape'"],
  ['a huge shape', { inputs: [inputX({ shape: [2 ** 30, 2 ** 30] })] }, "input 'x' needs 1152921504606847000 elements"],
  ['another rank', { inputs: [inputX({ shape: [2] })] }, "input 'x' must have shape [-1,-1] (-1 is any size), got [2]"],
  ['too few values', { inputs: [inputX({ data: [1] })] }, "input 'x' needs 2 elements for its shape, got 1"],
  ['another data type', { inputs: [inputX({ datatype: 'FP64' })] }, "input 'x' must be FP32, got FP64"],
  ['no data type', { inputs: [inputX({ datatype: 'float' })] }, "input 'x' must have a 'datatype' of the protocol"],
  [
    'an inherited data type',
    { inputs: [inputX({ datatype: 'toString' })] },
    "input 'x' must have a 'datatype' of the protocol",
  ],
  ['a string as value', { inputs: [inputX({ data: [1, '2'] })] }, "input 'x' has an element that is not a FP32"],
  ['null as value', { inputs: [inputX({ data: [1, null] })] }, "input 'x' has an element that is not a FP32"],
  ['an unknown output', { inputs: [inputX()], outputs: [{ name: 'z' }] }, "output 'z' is unknown: the model has 'y'"],
  ['an output twice', { inputs: [inputX()], outputs: [{ name: 'y' }, { name: 'y' }] }, "output 'y' is requested twice"],
  ['outputs that are no array', { inputs: [inputX()], outputs: 'y' }, "'outputs' must be an array"],
  ['a wrong timeout', { inputs: [inputX()], parameters: { timeout: -1 } }, "parameter 'timeout' must be"],
  [
    'a wrong wish',
    { inputs: [inputX()], parameters: { binary_data_output: 1 } },
    "parameter 'binary_data_output' must be",
  ],
  [
    'bytes that are not there',
    { inputs: [inputX({ data: undefined, parameters: { binary_data_size: 8 } })] },
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
    'a header that is not a number',
    { binary_data_size: 8 },
    new Uint8Array(8),
    '0x10',
    'Inference-Header-Content-Length must be',
  ],
  ['a header inside the JSON', { binary_data_size: 8 }, new Uint8Array(8), 10, 'the body is not JSON'],
  [
    'a size that is not a number',
    { binary_data_size: '8' },
    new Uint8Array(8),
    undefined,
    'has a \'binary_data_size\' of "8"',
  ],
])('refuses a binary request with %s', async (_, parameters, binary, headerLength, error) => {
  const json = { inputs: [inputX({ data: undefined, parameters })] }
  const reply = await binaryCall('/v2/models/times-2/infer', json, binary, headerLength)
  expect(reply).toMatchObject({ status: 400, body: { error: expect.stringContaining(error) } })
})

test.each([
  ['a sequence', { inputs: [inputX()], parameters: { sequence_id: 7 } }],
  ['shared memory', { inputs: [inputX({ parameters: { shared_memory_region: 'a' } })] }],
  ['a classification', { inputs: [inputX()], outputs: [{ name: 'y', parameters: { classification: 3 } }] }],
])('says plainly that it has no %s', async (_, body) => {
  expect(await post('/v2/models/times-2/infer', body)).toMatchObject({ status: 501 })
})

test('advises binary data if JSON cannot carry an answer', async () => {
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

test('an answer that JSON cannot carry counts as a failure only; in binary form it counts as a success', async () => {
  const zeros = ['a', 'b'].map((name) => ({ name, shape: [1], datatype: 'FP32', data: [0] }))
  const { success, fail } = countsOf('divide')
  expect(await post('/v2/models/divide/infer', { inputs: zeros })).toMatchObject({ status: 500 })
  expect(countsOf('divide')).toMatchObject({ success, fail: fail + 1 })
  // The measure of predictions still sees the numbers that the caller did not get.
  expect(countsOf('divide').notFinite).toBeGreaterThan(0)
  const reply = await fetch(`http://127.0.0.1:${server.port}/v2/models/divide/infer`, {
    method: 'POST',
    body: JSON.stringify({ inputs: zeros, parameters: { binary_data_output: true } }),
  })
  expect(reply.status).toBe(200)
  await reply.arrayBuffer()
  expect(countsOf('divide')).toMatchObject({ success: success + 1, fail: fail + 1 })
})

function countsOf(model: string) {
  const statistics = host.stats().find(({ name }) => name === model)?.statistics ?? expect.fail('it is not served')
  const notFinite = statistics.outputs.stats().reduce((sum, output) => sum + output.notFinite, 0)
  return { success: statistics.success.count, fail: statistics.fail.count, notFinite }
}

test('rejects strings that the runtime would alter', async () => {
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

test('rejects a body over the limit, declared or not, and an encoded one', async () => {
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
})

test('rejects a further large body while others fill the reserved memory, until they have arrived', async () => {
  const open = (size: number) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`POST /v2/models/times-2/infer HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
    return socket
  }
  const slow = Array.from({ length: 4 }, () => open(BODY_BYTES_MAX))
  const ask = async () => (await post('/v2/models/times-2/infer', { inputs: [inputX()] })).status
  await until(async () => (await ask()) === 429)
  for (const socket of slow) socket.destroy()
  await until(async () => (await ask()) === 200)
})

test('no request, however wrong, crashes the server', async () => {
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

test('bytes that are no HTTP get an error in the protocol’s form', async () => {
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
