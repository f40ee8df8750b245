import { once } from 'node:events'
import { request } from 'node:http'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { newHost, serve } from '../../test/fixture.ts'
import { inputX, restClient } from '../../test/rest-client.ts'
import { type OipServer, startRestServer } from './rest-server.ts'

const host = newHost()
let server: OipServer
const BODY_BYTES_MAX = 100_000

beforeAll(async () => {
  for (const model of ['times-2', 'identity-bytes']) await serve(host, model)
  const identity = { name: 'skerry', version: '0.1.0' }
  server = await startRestServer({ host, identity, port: 0, bodyBytesMax: BODY_BYTES_MAX })
})
afterAll(async () => {
  await server.close(1_000)
  await host.close()
})

const { call } = restClient(() => server.port)

type Sent = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>

const infer = (body: Sent, headers: Record<string, string> = {}, model = 'times-2') =>
  call(`/v2/models/${model}/infer`, { method: 'POST', headers, body, duplex: 'half' })

const json = (body: unknown) => new Uint8Array(Buffer.from(JSON.stringify(body)))
const plain = json({ inputs: [inputX()] })
const head = json({ inputs: [inputX({ data: undefined, parameters: { binary_data_size: 8 } })] })
const binary = new Uint8Array(Buffer.concat([head, new Uint8Array(Float32Array.of(1, 2).buffer)]))
const packed = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes))
const answered = { status: 200, body: { outputs: [{ name: 'y', data: [2, 4] }] } }

test.each([
  ['gzip', packed(plain)],
  ['x-gzip', packed(plain)],
  ['GZip', packed(plain)],
  ['deflate', new Uint8Array(deflateSync(plain))],
  ['identity', plain],
])('a body may come as %s', async (encoding, body) => {
  expect(await infer(body, { 'Content-Encoding': encoding })).toMatchObject(answered)
})

test('a compressed body may come in chunks, and may hold binary data', async () => {
  const chunks = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const byte of packed(plain)) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  expect(await infer(chunks, { 'Content-Encoding': 'gzip' })).toMatchObject(answered)
  const headers = { 'Content-Encoding': 'gzip', 'Inference-Header-Content-Length': `${head.length}` }
  expect(await infer(packed(binary), headers)).toMatchObject(answered)
})

/** On a server that takes as much as one in production. */
const large = async () => {
  const identity = { name: 'skerry', version: '0.1.0' }
  const started = await startRestServer({ host, identity, port: 0 })
  onTestFinished(() => started.close(1_000))
  return started
}

/** A request whose headers the server has, and not yet its body. */
async function begun(port: number, headers: Record<string, string | number>) {
  const path = '/v2/models/times-2/infer'
  const asked = request({ port, path, method: 'POST', agent: false, headers: { ...headers, Expect: '100-continue' } })
  const { promise: status, resolve } = Promise.withResolvers<number | undefined>()
  // A refusal does not wait for the body.
  asked.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', () => resolve(undefined))
  asked.flushHeaders()
  await once(asked, 'continue')
  return { asked, status }
}

test('many small compressed bodies at once are all answered', async () => {
  const { port } = await large()
  const body = packed(plain)
  const headers = { 'Content-Encoding': 'gzip', 'Content-Length': body.length }
  const all = await Promise.all(Array.from({ length: 12 }, () => begun(port, headers)))
  for (const { asked } of all) asked.end(body)
  expect(await Promise.all(all.map(({ status }) => status))).toEqual(all.map(() => 200))
})

test('a body that is compressed as far as it can be is decoded whole', async () => {
  const { port } = await large()
  const body = packed(Buffer.concat([plain, Buffer.alloc(10_000_000, ' ')]))
  expect(body.length).toBeLessThan(10_000)
  const headers = { 'Content-Encoding': 'gzip' }
  expect(
    await restClient(() => port).call('/v2/models/times-2/infer', { method: 'POST', headers, body }),
  ).toMatchObject(answered)
})

test('a small body that stands for a large one is refused, and does not keep others out', async () => {
  const bomb = packed(new Uint8Array(50_000_000))
  expect(bomb.length).toBeLessThan(BODY_BYTES_MAX)
  for (let count = 0; count < 5; count++) {
    expect(await infer(bomb, { 'Content-Encoding': 'gzip' })).toMatchObject({
      status: 413,
      body: { error: 'the decoded body is over 100000 bytes: send less at a time' },
    })
  }
  expect(await infer(plain)).toMatchObject(answered)
})

test.each([
  ['br', plain, 415, 'send the body plain, or with one encoding of gzip, deflate'],
  ['gzip, gzip', plain, 415, 'send the body plain, or with one encoding of gzip, deflate'],
  ['constructor', plain, 415, 'send the body plain, or with one encoding of gzip, deflate'],
  ['gzip', plain, 400, 'the body is not gzip, as its Content-Encoding says'],
  ['gzip', new Uint8Array(0), 400, 'the body is not gzip, as its Content-Encoding says'],
  ['gzip', packed(plain).slice(0, 30), 400, 'the body is not gzip, as its Content-Encoding says'],
])('refuses a body that says %s', async (encoding, body, status, error) => {
  const answer = await infer(body, { 'Content-Encoding': encoding })
  expect(answer).toMatchObject({ status, body: { error } })
  expect(answer.headers.get('accept-encoding')).toBe(status === 415 ? 'gzip, deflate' : null)
})

test('binary data without the header that says where they begin are told of it', async () => {
  const error = expect.stringContaining('send the length of the JSON in bytes as Inference-Header-Content-Length')
  const withBytes = (...bytes: number[]) => infer(new Uint8Array([...head, ...bytes]))
  expect(await withBytes(0, 0, 128, 63, 0, 0, 128, 63)).toMatchObject({ status: 400, body: { error } })
  expect(await withBytes(1, 2, 3, 4, 5, 6, 7, 8)).toMatchObject({ status: 400, body: { error } })
  expect(await withBytes()).toMatchObject({ status: 400, body: { error } })
})

test('metadata say that BYTES are text, and bytes that are none are refused with a way out', async () => {
  const { body } = await call('/v2/models/identity-bytes')
  const text = { datatype: 'BYTES', parameters: { content_type: 'str' } }
  expect(body).toMatchObject({ inputs: [text], outputs: [text] })
  const input = { name: 'x', shape: [1, 1], datatype: 'BYTES', parameters: { binary_data_size: 5 } }
  const start = json({ inputs: [input] })
  const headers = { 'Inference-Header-Content-Length': `${start.length}` }
  const answer = await infer(new Uint8Array([...start, 1, 0, 0, 0, 255]), headers, 'identity-bytes')
  expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining('send text, such as base64') } })
})
