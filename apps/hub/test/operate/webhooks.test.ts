import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWebhooks, type WebhookOptions } from '../../src/webhooks/webhooks.ts'

let server: Server
let port: number
let ca: string
let answer: RequestListener
const told: { headers: IncomingMessage['headers']; text: string }[] = []

async function textOf(request: IncomingMessage) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

beforeAll(async () => {
  const nowMs = systemClock.nowMs()
  const authority = await createAuthority({ commonName: 'Tests', nowMs })
  const own = await issueServerCertificate(authority, { names: ['tests.plant'], nowMs })
  ca = authority.certificatePem
  server = createServer({ cert: own.certificatePem, key: own.privateKeyPem }, async (request, response) => {
    told.push({ headers: request.headers, text: await textOf(request) })
    answer(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const json =
  (body: unknown, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

function ask(
  options: Partial<WebhookOptions> = {},
  url = `https://tests.plant:${port}/gate`,
  signal = new AbortController().signal,
) {
  const webhooks = createWebhooks({
    allowed: [{ host: 'tests.plant' }],
    ca,
    clock: systemClock,
    resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    ...options,
  })
  return webhooks.ask({ url, key: 'rol_a/0/tests/5', body: { kind: 'rollout.analysis' } }, signal)
}

test('is asked by a signed POST, and its result is read', async () => {
  answer = json({ result: { passed: true, score: 0.5, note: 'fine' }, more: 'is left alone' })
  expect(await ask({ secret: 'a secret of the plant' })).toEqual({ result: { passed: true, score: 0.5, note: 'fine' } })
  const { headers, text } = told.at(-1) ?? { headers: {}, text: '' }
  expect(JSON.parse(text)).toEqual({ kind: 'rollout.analysis' })
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'rol_a/0/tests/5' })
  const [, atMs, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['skerry-signature'])) ?? []
  expect(signature).toBe(createHmac('sha256', 'a secret of the plant').update(`${atMs}.${text}`).digest('hex'))
  expect(Math.abs(Number(atMs) - systemClock.nowMs())).toBeLessThan(60_000)
})

test('a result that is one number or truth is a value', async () => {
  answer = json({ result: 0.25 })
  expect(await ask()).toEqual({ result: { value: 0.25 } })
  answer = json({ result: false })
  expect(await ask()).toEqual({ result: { value: false } })
  expect(told.at(-1)?.headers).not.toHaveProperty('skerry-signature')
})

test.each<[string, RequestListener]>([
  [
    'answered 302; redirects',
    (_, response) => void response.writeHead(302, { location: 'https://tests.plant/' }).end(),
  ],
  ['answered 500', json({ result: 1 }, 500)],
  ['is not JSON', (_, response) => void response.end('<html>')],
  ['without a usable result', json({ value: 1 })],
  ['without a usable result', json({ result: { nested: { deep: 1 } } })],
  [
    'without a usable result',
    json({ result: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`f${at}`, 1])) }),
  ],
  ['over 65536 bytes', (_, response) => void response.end('x'.repeat(70_000))],
  ['could not be reached', (request) => void request.socket.destroy()],
])('what is wrong with it is an error: %s', async (message, listener) => {
  answer = listener
  const asked = told.length
  expect(await ask()).toEqual({ error: expect.stringContaining(message) })
  expect(told, 'one connection, and no other').toHaveLength(asked + 1)
})

test('one that goes on and on, or says nothing, is left at the end of its time', async () => {
  answer = () => undefined
  expect(await ask({ timeoutMs: 200 })).toEqual({ error: 'the webhook has not answered within 0.2 s' })
  answer = (_, response) => {
    response.writeHead(200)
    const dripping = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(dripping))
  }
  expect(await ask({ timeoutMs: 200 })).toEqual({ error: 'the webhook has not answered within 0.2 s' })
  expect(await ask({ timeoutMs: 100, resolve: () => new Promise(() => undefined) })).toHaveProperty('error')
})

test('a name that leads to what is not public is not asked, and neither is one that leads elsewhere when it is looked up again', async () => {
  answer = json({ result: 1 })
  const asked = told.length
  expect(await ask({ allowed: [] })).toEqual({ error: expect.stringContaining('is not a public address') })
  expect(await ask({ allowed: [] }, `https://127.0.0.1:${port}/`)).toHaveProperty('error')
  expect(await ask({ allowed: [] }, `https://[::ffff:127.0.0.1]:${port}/`)).toHaveProperty('error')
  expect(await ask({ allowed: [{ host: 'tests.plant', port: 1 }] })).toHaveProperty('error')
  expect(told).toHaveLength(asked)
  let lookups = 0
  const resolve = async () => {
    lookups++
    return [{ address: lookups === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
  }
  expect(await ask({ resolve })).toEqual({ result: { value: 1 } })
  expect(lookups).toBe(1)
})

test('a certificate that nobody trusts, or of another name, is not asked', async () => {
  answer = json({ result: 1 })
  const asked = told.length
  expect(await ask({ ca: undefined })).toEqual({ error: expect.stringContaining('certificate') })
  const other = await ask({ allowed: [{ host: 'other.plant' }] }, `https://other.plant:${port}/`)
  expect(other).toEqual({ error: expect.stringContaining('could not be reached') })
  expect(told).toHaveLength(asked)
})

test('http is for what is allowed on this machine only', async () => {
  const plain = createHttpServer(json({ result: 7 }))
  await once(plain.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/`
  expect(await ask({ allowed: [] }, url)).toEqual({ error: expect.stringContaining('needs https') })
  expect(await ask({ allowed: [{ host: '127.0.0.1' }] }, url)).toEqual({ result: { value: 7 } })
  plain.close()
})

test('whoever asked can stop asking', async () => {
  answer = () => undefined
  const stop = new AbortController()
  const asking = ask({}, undefined, stop.signal)
  const asked = told.length
  await expect.poll(() => told.length).toBeGreaterThan(asked)
  stop.abort()
  expect(await asking).toHaveProperty('error')
})
