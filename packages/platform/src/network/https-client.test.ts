import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Credentials,
  createAuthority,
  issueDeviceCertificate,
  issueServerCertificate,
} from '../certificates/certificate-authority.ts'
import { createCertificateRequest } from '../certificates/certificate-request.ts'
import { generateKeyPair } from '../certificates/private-key.ts'
import { openHttpsClient } from './https-client.ts'

const nowMs = Date.now()
/** For the whole file. */
const signal = AbortSignal.timeout(1_800_000)
let authority: Credentials
let device: Credentials
let server: Server
let url: string
let handler: (request: IncomingMessage, response: ServerResponse) => void

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'test', nowMs })
  device = await newDevice(authority)
  const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs })
  const options = {
    cert: certificatePem,
    key: privateKeyPem,
    ca: authority.certificatePem,
    requestCert: true,
    rejectUnauthorized: false,
  }
  server = createServer(options, (request, response) => handler(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/x`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function newDevice(issuer: Credentials, lifeMs = 3_600_000): Promise<Credentials> {
  const { privateKeyPem } = generateKeyPair()
  const requestPem = await createCertificateRequest(privateKeyPem)
  const issued = await issueDeviceCertificate(issuer, {
    requestPem,
    deviceId: 'dev_abcdefgh',
    organisationId: 'org_abcdefgh',
    nowMs,
    lifeMs,
  })
  if (!issued.ok) throw new Error(issued.message)
  return { certificatePem: issued.certificatePem, privateKeyPem }
}

type Options = Parameters<typeof openHttpsClient>[0]
async function call(request: { body?: unknown; method?: 'POST' } = {}, options: Options = {}, stop = signal) {
  using client = openHttpsClient({ authorities: [authority.certificatePem], ...options })
  return await client.sendJson({ url, ...request }, stop)
}

test('sends and reads JSON, and shows its certificate', async () => {
  handler = async (request, response) => {
    const body = await request.toArray()
    const { authorized } = request.socket as TLSSocket
    response.end(
      JSON.stringify({
        got: JSON.parse(Buffer.concat(body).toString()),
        authorized,
        type: request.headers['content-type'],
      }),
    )
  }
  const reply = await call({ method: 'POST', body: { name: 'é' } }, { credentials: device })
  expect(reply).toEqual({
    ok: true,
    status: 200,
    body: { got: { name: 'é' }, authorized: true, type: 'application/json' },
  })
  handler = (_, response) => void response.writeHead(204).end()
  expect(await call()).toEqual({ ok: true, status: 204, body: undefined })
})

test('uses one connection again', async () => {
  const ports = new Set<number | undefined>()
  handler = (request, response) => {
    ports.add(request.socket.remotePort)
    response.end('{}')
  }
  using client = openHttpsClient({ authorities: [authority.certificatePem] })
  for (let index = 0; index < 3; index += 1) await client.sendJson({ url }, signal)
  expect(ports.size).toBe(1)
})

test.each<[string, (response: ServerResponse) => void, object]>([
  [
    'a refusal with its reason',
    (r) => r.writeHead(403).end('{"code":"token_refused","message":"used up"}'),
    {
      code: 'request_refused',
      status: 403,
      retryable: false,
      body: { code: 'token_refused', message: 'used up' },
      message: 'the server answered 403: used up',
    },
  ],
  [
    'a redirect',
    (r) => r.writeHead(307, { location: 'https://elsewhere' }).end(),
    { code: 'request_refused', retryable: false },
  ],
  [
    'overload',
    (r) => r.writeHead(503, { 'retry-after': '3' }).end('<html>'),
    { code: 'server_failed', retryable: true, retryAfterMs: 3000 },
  ],
  [
    'too many requests, for a year',
    (r) => r.writeHead(429, { 'retry-after': '31536000' }).end(),
    { code: 'request_refused', retryable: true, retryAfterMs: 3_600_000 },
  ],
  ['what nobody implements', (r) => r.writeHead(501).end(), { code: 'server_failed', retryable: false }],
  ['no JSON', (r) => r.end('<html>'), { code: 'response_malformed', retryable: false }],
  [
    'more than fits',
    (r) => r.end(Buffer.alloc(17 * 1024 * 1024, 32)),
    { code: 'response_too_large', retryable: false },
  ],
  [
    'a cut',
    (r) => {
      r.writeHead(200, { 'content-length': 100 }).write('{')
      setImmediate(() => r.destroy())
    },
    { code: 'server_unreachable', retryable: true },
  ],
])('says what is wrong: %s', async (_, answer, problem) => {
  handler = (_request, response) => answer(response)
  expect(await call()).toMatchObject({ ok: false, ...problem })
})

test('gives up on a server that says nothing, before and in the middle of its answer', async () => {
  handler = () => undefined
  expect(await call({}, { idleTimeoutMs: 50 })).toMatchObject({ code: 'request_timeout', retryable: true })
  handler = (_, response) => void response.writeHead(200).write('{')
  expect(await call({}, { idleTimeoutMs: 50 })).toMatchObject({ ok: false, retryable: true })
})

test('stops when told to', async () => {
  const stop = new AbortController()
  handler = () => stop.abort(new Error('enough'))
  await expect(call({}, {}, stop.signal)).rejects.toThrow('enough')
  await expect(call({}, {}, stop.signal)).rejects.toThrow('enough')
})

test('names trouble with certificates, which waiting does not mend', async () => {
  handler = (_, response) => void response.end('{}')
  const stranger = await createAuthority({ commonName: 'test', nowMs })
  expect(await call({}, { authorities: [stranger.certificatePem] })).toMatchObject({
    code: 'certificate_refused',
    retryable: false,
  })
  using client = openHttpsClient({ authorities: [authority.certificatePem] })
  const byName = await client.sendJson({ url: url.replace('127.0.0.1', 'localhost') }, signal)
  expect(byName).toMatchObject({ code: 'certificate_refused', message: expect.stringMatching(/localhost/) })
})

test('says that nobody is there', async () => {
  using client = openHttpsClient({})
  expect(await client.sendJson({ url: 'https://127.0.0.1:1/' }, signal)).toMatchObject({
    code: 'server_unreachable',
    retryable: true,
  })
})
