import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type RouteTable, RouteTable as Table } from '@skerry/contract/routes/route'
import { systemClock } from '@skerry/platform/process/clock'
import { afterEach, expect, test } from 'vitest'
import type { CallerCheck } from './caller-check.ts'
import { type GatewayServer, startGatewayServer } from './gateway-server.ts'
import { openPlaceClient } from './place-client.ts'
import { probePlaces } from './probe-places.ts'
import { createRouting, type Routing } from './routing.ts'

const ORGANISATION = 'org_abcdefgh234567'
const open: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

/** A place that answers so; the address of one that is gone stays free. */
async function place(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => stop(server))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const stop = (server: Server) => {
  server.closeAllConnections()
  server.close()
}

const LETTERS = 'abcdefgh'

function tableOf(addresses: readonly string[], spec: object = {}): RouteTable {
  const places = addresses.map((address, at) => ({
    id: `dev_aaaaaaa${LETTERS[at]}`,
    device: `press-${at}`,
    site: 'lyon',
    version: 1,
    address,
    isSilent: false,
  }))
  const route = { name: 'dose', spec: { model: 'dose-net', prefer: 'least', ...spec }, places }
  return Table.parse({ organisationId: ORGANISATION, revision: '1', routes: [route] })
}

type Gateway = { url: string; routing: Routing; server: GatewayServer }

const admitted: CallerCheck = {
  check: async (authorization) =>
    authorization === 'Bearer good'
      ? { ok: true, organisationId: Table.shape.organisationId.parse(ORGANISATION), name: 'caller' }
      : { ok: false, status: 401, code: 'key_missing', message: 'send a key' },
}

async function gateway(table: RouteTable): Promise<Gateway> {
  const routing = createRouting({ clock: systemClock, site: 'lyon' })
  routing.use(table)
  const client = openPlaceClient(() => Promise.reject(new Error('no streams here')))
  const about = { host: '127.0.0.1', port: 0, tls: undefined, version: 'test' }
  const server = await startGatewayServer({ ...about, routing, callers: admitted, client })
  const ended = new AbortController()
  const probing = probePlaces({ routing, client, clock: systemClock }, ended.signal)
  open.push(async () => {
    ended.abort()
    await probing
    await server.close(100)
    client[Symbol.dispose]()
  })
  return { url: `http://127.0.0.1:${server.port}`, routing, server }
}

const infer = ({ url }: Gateway, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${url}/v2/models/dose/infer`, {
    method: 'POST',
    body,
    headers: { authorization: 'Bearer good', ...headers },
  })

const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code

const echo = async (request: IncomingMessage, response: ServerResponse) => {
  const body = await buffer(request)
  const length = String(request.headers['inference-header-content-length'] ?? 0)
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'inference-header-content-length': length })
  response.end(body)
}

const answers = (status: number) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'retry-after': '7' })
  response.end('{"error":"busy"}')
}

/** Ends the connection in the middle of an answer. */
const breaksOff = (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { 'content-length': 100 })
  response.write('half')
  setTimeout(() => response.destroy(), 5)
}

test('bytes go there and back as they are, short and long, and the key stays here', async () => {
  const seen: IncomingMessage[] = []
  const address = await place((request, response) => {
    seen.push(request)
    void echo(request, response)
  })
  const it = await gateway(tableOf([address]))
  for (const bytes of [12, 900_000, 3_000_000]) {
    const body = randomBytes(bytes)
    const response = await infer(it, body, { 'inference-header-content-length': '7' })
    expect(response.status).toBe(200)
    expect(response.headers.get('skerry-place')).toBe('press-0')
    expect(response.headers.get('inference-header-content-length')).toBe('7')
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
  }
  expect(seen.map(({ url }) => url)).toEqual(Array(3).fill('/v2/models/dose-net/infer'))
  expect(seen.every(({ headers }) => headers.authorization === undefined)).toBe(true)
})

test('a broken, refusing or absent place costs the caller nothing, while the budget lasts', async () => {
  const [good, broken, busy] = await Promise.all([place(echo), place(breaksOff), place(answers(503))])
  const it = await gateway(tableOf([broken, busy, good, 'http://127.0.0.1:9'], { attempts: 4 }))
  for (let at = 0; at < 30; at++) {
    const response = await infer(it, `question ${at}`)
    expect([response.status, await response.text()]).toEqual([200, `question ${at}`])
  }
  expect(it.routing.report().places.map(({ state }) => state)).toEqual(['open', 'open', 'closed', 'open'])
  expect(it.routing.report().routes[0]?.retried).toBeLessThanOrEqual(9)
  const without = await gateway(tableOf([broken, good], { retryPercent: 0, breaker: { failures: 100 } }))
  const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await infer(without, 'x')).status))
  expect(statuses.toSorted()).toEqual([200, 200, 503, 503])
})

test('a request that a place may have carried out is not repeated if the route says so', async () => {
  let carriedOut = 0
  const count = (answer: RequestListener) => (request: IncomingMessage, response: ServerResponse) => {
    carriedOut += 1
    answer(request, response)
  }
  const addresses = await Promise.all([place(count(breaksOff)), place(count(breaksOff))])
  const once = await gateway(tableOf(addresses, { isRepeatable: false }))
  expect(await codeOf(await infer(once, 'x'))).toBe('place_failed')
  expect(carriedOut).toBe(1)
  const absent = await gateway(tableOf(['http://127.0.0.1:9', await place(echo)], { isRepeatable: false }))
  expect((await infer(absent, 'x')).status).toBe(200)
})

test('full places answer 429, a slow one 504, and a hedge asks a second one', async () => {
  const never: ServerResponse[] = []
  const slow = await place((_, response) => void never.push(response))
  // The second request finds the place full, even if it starts a second late on a busy machine.
  const full = await gateway(tableOf([slow], { concurrency: 1, timeoutMs: 3_000 }))
  const [first, second] = await Promise.all([infer(full, 'x'), infer(full, 'y')])
  expect([first.status, second.status].toSorted()).toEqual([429, 504])
  expect((first.status === 429 ? first : second).headers.get('retry-after')).toBe('1')
  const hedged = await gateway(tableOf([slow, await place(echo)], { hedgeMs: 20, timeoutMs: 60_000 }))
  for (const body of ['a', 'b']) expect(await (await infer(hedged, body)).text()).toBe(body)
  const busy = await gateway(tableOf([await place(answers(429))]))
  const passedOn = await infer(busy, 'x')
  expect([passedOn.status, passedOn.headers.get('retry-after')]).toEqual([429, '7'])
})

test('a place that was down is tested by the gateway, and returns', async () => {
  let isDown = true
  const address = await place((request, response) =>
    isDown ? answers(503)(request, response) : void echo(request, response),
  )
  const it = await gateway(tableOf([address], { breaker: { failures: 1, openMs: 2_000 } }))
  expect((await infer(it, 'x')).status).toBe(503)
  expect(await codeOf(await infer(it, 'x'))).toBe('route_down')
  const ready = () => fetch(`${it.url}/v2/models/dose/ready`, { headers: { authorization: 'Bearer good' } })
  expect((await ready()).status).toBe(503)
  isDown = false
  await expect.poll(async () => (await ready()).status).toBe(200)
  expect((await infer(it, 'x')).status).toBe(200)
})

test('strangers, unknown routes and paths, and bodies that are too large get an answer of their own', async () => {
  const it = await gateway(tableOf([await place(echo)]))
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${it.url}${path}`, { headers })
  expect((await get('/v2/health/live')).status).toBe(200)
  expect(await (await get('/v2')).json()).toMatchObject({ name: 'skerry-gateway', version: 'test' })
  expect((await get('/v2/models/dose')).status).toBe(401)
  const known = { authorization: 'Bearer good' }
  expect(await codeOf(await get('/v2/models/other', known))).toBe('model_route_unknown')
  expect(await codeOf(await get('/v2/models/dose/stats', known))).toBe('route_unknown')
  expect((await get('/v2/models/dose/infer', known)).status).toBe(405)
  expect((await get('/metrics', known)).status).toBe(404)
  const large = await infer(it, new Uint8Array(64 * 1024 * 1024 + 1))
  expect([large.status, await codeOf(large)]).toEqual([413, 'body_too_large'])
  const versions = (version: string) => get(`/v2/models/dose/versions/${version}`, known)
  expect([(await versions('1')).status, await codeOf(await versions('9'))]).toEqual([200, 'place_missing'])
})
