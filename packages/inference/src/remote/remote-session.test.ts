/** Remote models, against the product's own server and against servers that answer nonsense. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { float32, floats, int64, never, newHost, serve, settings } from '../../test/fixture.ts'
import { startRestServer } from '../rest/rest-server.ts'
import { isServerAway, type RemoteModel } from './remote-model.ts'

/** The app: a server with the real runtime. */
const app = newHost()
let server: Awaited<ReturnType<typeof startApp>>
const startApp = (port = 0) => startRestServer({ host: app, identity: { name: 'app', version: '1' }, port })

/** The host of the device, whose models are the app's. */
const host = newHost()
let slots = 0

beforeAll(async () => {
  for (const model of ['times-2', 'identity-int64', 'identity-bytes']) await serve(app, model)
  server = await startApp()
})
afterAll(async () => {
  await server.close(1_000)
  await app.close()
  await host.close()
})

const SIGNATURE: RemoteModel['signature'] = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, -1] }],
}

const remoteOf = (more: Partial<RemoteModel> = {}): RemoteModel => ({
  host: '127.0.0.1',
  port: server.port,
  model: 'times-2',
  isBinary: false,
  timeoutMs: 5_000,
  signature: SIGNATURE,
  ...more,
})

async function load(more: Partial<RemoteModel> = {}, batch = 1) {
  const slot = `slot-${++slots}`
  const loaded = await host.load({
    slot,
    remote: remoteOf(more),
    settings: { ...settings, maxBatch: batch },
    signal: never(),
  })
  if (loaded.ok) host.activate({ name: slot, version: '1', slot })
  return { ...loaded, slot }
}

const ask = (name: string, values: number[]) =>
  host.infer(name, undefined, { inputs: [float32('x', [1, values.length], values)] }, never())

test.each([false, true])('a remote model answers as a native one (binary: %s)', async (isBinary) => {
  const { slot } = await load({ isBinary })
  const answer = await ask(slot, [1, 2.5])
  expect(answer.ok && answer.outputs.map(floats)).toEqual([[2, 5]])
  const golden = await host.golden(
    slot,
    [{ inputs: { x: { datatype: 'FP32', shape: [1, 1], data: 'AACAPw==' } } }],
    never(),
  )
  expect(golden).toMatchObject({ ok: true, outputs: [{ y: { shape: [1, 1], data: 'AAAAQA==' } }] })
  expect(host.stats().find((one) => one.slot === slot)?.statistics).toMatchObject({ success: { count: 1 } })
})

test.each([false, true])('integers beyond 2^53 and texts stay exact (binary: %s)', async (isBinary) => {
  const integers = { name: 'x', datatype: 'INT64' as const, shape: [-1, -1] }
  const { slot } = await load({
    model: 'identity-int64',
    isBinary,
    signature: { inputs: [integers], outputs: [{ ...integers, name: 'y' }] },
  })
  const sent = int64('x', [1, 2], [9_223_372_036_854_775_807n, -9_007_199_254_740_993n])
  const answer = await host.infer(slot, undefined, { inputs: [sent] }, never())
  expect(answer.ok && [...new BigInt64Array(answer.outputs[0]?.data.slice().buffer ?? new ArrayBuffer(0))]).toEqual([
    9_223_372_036_854_775_807n,
    -9_007_199_254_740_993n,
  ])
})

test('requests of a batch go to the server as one', async () => {
  const { slot } = await load({ isBinary: true }, 4)
  const answers = await Promise.all([1, 2, 3, 4, 5].map((value) => ask(slot, [value])))
  expect(answers.map((answer) => answer.ok && answer.outputs.flatMap(floats))).toEqual([[2], [4], [6], [8], [10]])
  const { batches } = host.stats().find((one) => one.slot === slot)?.statistics ?? {}
  expect([...(batches?.keys() ?? [])].some((rows) => rows > 1)).toBe(true)
})

test('NaN goes to a server as bytes only', async () => {
  const { slot: json } = await load()
  expect(await ask(json, [Number.NaN])).toMatchObject({ ok: false, message: expect.stringContaining('binary: true') })
  const { slot: binary } = await load({ isBinary: true })
  const answer = await ask(binary, [Number.NaN])
  expect(answer.ok && answer.outputs.flatMap(floats)).toEqual([Number.NaN])
})

test('a server that ends fails its requests, and answers again when it is back', async () => {
  const { slot } = await load()
  await server.close(1_000)
  expect(await ask(slot, [1])).toMatchObject({
    ok: false,
    code: 'model_failed',
    message: expect.stringContaining('away'),
  })
  const { port } = server
  server = await startApp(port)
  expect(await ask(slot, [1])).toMatchObject({ ok: true })
})

test('a version that the server does not have is refused, and one whose server is away is not blamed', async () => {
  const missing = await load({ model: 'nothing' })
  expect([missing, isServerAway(missing)]).toMatchObject([
    { message: expect.stringContaining('no model nothing') },
    false,
  ])
  const other = await load({ signature: { ...SIGNATURE, inputs: [{ name: 'z', datatype: 'FP32', shape: [-1, -1] }] } })
  expect(other).toMatchObject({ ok: false, message: expect.stringContaining('has no input z; it has x') })
  const half = await load({ signature: { ...SIGNATURE, outputs: [{ name: 'y', datatype: 'FP16', shape: [-1, -1] }] } })
  expect(half).toMatchObject({
    ok: false,
    message: expect.stringContaining('output y of the model in the server is FP32'),
  })
  const away = await load({ port: 1 })
  expect([away.ok, isServerAway(away)]).toEqual([false, true])
})

let liar: Server | undefined
afterEach(() => liar?.close())

/** A server that has every model, and gives each request this answer. */
async function startLiar(status: number, body: string | Buffer, headers: Record<string, string> = {}): Promise<number> {
  liar = createServer((request, response) => {
    request.resume()
    if (request.method === 'GET') return void response.end('{}')
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => liar?.listen(0, '127.0.0.1', resolve))
  return (liar.address() as AddressInfo).port
}

const output = (more: object) =>
  JSON.stringify({ outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [2], ...more }] })

test.each([
  [200, 'hello', 'is no JSON'],
  [200, '7', 'is no object'],
  [200, '{}', "no list of 'outputs'"],
  [200, '{"outputs":[null]}', 'no name or no shape'],
  [200, '{"outputs":[]}', "lacks output 'y'"],
  [200, output({ shape: [1] }), 'is FP32[1], and the version declares FP32[-1, -1]'],
  [200, output({ shape: [1, 2] }), 'needs 2 elements'],
  [200, output({ datatype: 'INT32' }), 'is INT32[1, 1]'],
  [200, output({ datatype: 'NOTHING' }), 'no datatype of the protocol'],
  [200, output({ data: undefined, parameters: { binary_data_size: 1_000 } }), 'fewer bytes than it states'],
  [400, '{"error":"the sensor is cold"}', 'refused the request (400): the sensor is cold'],
  [500, 'oops', '(500): oops'],
])('a wrong answer fails its request only: %s %s', async (status, body, message) => {
  const port = await startLiar(status, body)
  const { slot } = await load({ port })
  expect(await ask(slot, [1])).toMatchObject({
    ok: false,
    code: 'model_failed',
    message: expect.stringContaining(message),
  })
  expect(host.stats().find((one) => one.slot === slot)?.state).toEqual({ status: 'ready' })
})

test('a silent server ends the request after the time of the model', async () => {
  liar = createServer((request, response) => void (request.method === 'GET' && response.end('{}')))
  await new Promise<void>((resolve) => liar?.listen(0, '127.0.0.1', resolve))
  const { slot } = await load({ port: (liar.address() as AddressInfo).port, timeoutMs: 100 })
  expect(await ask(slot, [1])).toMatchObject({ ok: false, message: expect.stringContaining('silent for 100 ms') })
  liar.closeAllConnections()
})
