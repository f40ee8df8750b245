import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { startConnectProxy } from '@skerry/testkit/connect-proxy'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createAuthority, issueServerCertificate } from '../certificates/certificate-authority.ts'
import { findPinnedAuthority } from '../certificates/pinned-authority.ts'
import { hashPublicKey } from '../certificates/public-key-hash.ts'
import { dialSocket } from './dial-socket.ts'
import { openHttpsClient } from './https-client.ts'
import { setProxy } from './way-out.ts'

const signal = new AbortController().signal
let server: Server
let url: string
let host: string
let authorities: string[]
let serverKey: string
let requests = 0

beforeAll(async () => {
  const nowMs = Date.now()
  const authority = await createAuthority({ commonName: 'way-out', nowMs })
  authorities = [authority.certificatePem]
  const { certificatePem: cert, privateKeyPem: key } = await issueServerCertificate(authority, {
    names: ['localhost'],
    nowMs,
  })
  serverKey = hashPublicKey(key)
  server = createServer({ cert, key }, (_, response) => {
    requests++
    response.end('{}')
  }).listen(0, 'localhost')
  new WebSocketServer({ server }).on('connection', (socket) => socket.send('hello'))
  await once(server, 'listening')
  host = `localhost:${(server.address() as AddressInfo).port}`
  url = `https://${host}/`
})

afterEach(() => setProxy(undefined))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('requests, WebSockets and the first look at a hub pass the proxy, and TLS passes through it', async () => {
  await using proxy = await startConnectProxy()
  setProxy(proxy.address)
  using client = openHttpsClient({ authorities })
  for (let count = 0; count < 2; count += 1)
    expect(await client.sendJson({ url }, signal)).toMatchObject({ ok: true, status: 200 })
  // The second request has used the connection of the first one.
  expect(proxy.targets()).toEqual([host])
  const dialled = await dialSocket(url, { authorities, messageBytesMax: 1_000 }, signal)
  if (!dialled.ok) throw new Error(dialled.message)
  dialled.socket.resume()
  expect(String((await once(dialled.socket, 'message'))[0])).toBe('hello')
  dialled.socket.terminate()
  expect(await findPinnedAuthority({ url, fingerprint: 'none' }, signal)).toMatchObject({ code: 'certificate_refused' })
  expect(proxy.targets()).toEqual([host, host, host])
})

test('after a change of the way, no request uses a connection of the way before', async () => {
  await using proxy = await startConnectProxy()
  using client = openHttpsClient({ authorities })
  const isReached = async () => (await client.sendJson({ url }, signal)).ok
  expect(await isReached()).toBe(true)
  setProxy('http://127.0.0.1:1')
  expect(await isReached()).toBe(false)
  setProxy(proxy.address)
  expect(await isReached()).toBe(true)
  setProxy(undefined)
  expect(await isReached()).toBe(true)
  expect(proxy.targets()).toHaveLength(1)
})

test('a server with a pinned key is reached directly, and another one gets no request', async () => {
  await using proxy = await startConnectProxy()
  setProxy(proxy.address)
  requests = 0
  using client = openHttpsClient({ serverKey })
  for (let count = 0; count < 2; count += 1) expect(await client.sendJson({ url }, signal)).toMatchObject({ ok: true })
  expect(requests).toBe(2)
  using wrong = openHttpsClient({ serverKey: 'f'.repeat(64) })
  expect(await wrong.sendJson({ url }, signal)).toMatchObject({
    ok: false,
    code: 'certificate_refused',
    retryable: false,
  })
  expect(requests).toBe(2)
  expect(proxy.targets()).toEqual([])
})

test('a proxy that rejects the address is named with its answer', async () => {
  await using proxy = await startConnectProxy(() => false)
  setProxy(proxy.address)
  using client = openHttpsClient({ authorities })
  expect(await client.sendJson({ url }, signal)).toMatchObject({
    ok: false,
    message: `the proxy ${proxy.address} answered 403 to CONNECT ${host}; it must allow this address`,
    retryable: true,
  })
  expect(await dialSocket(url, { authorities, messageBytesMax: 1_000 }, signal)).toMatchObject({ ok: false })
})
