import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { RouteTable as Table } from '@skerry/contract/routes/route'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { systemClock } from '@skerry/platform/process/clock'
import { afterEach, expect, test } from 'vitest'
import type { CallerCheck } from './caller-check.ts'
import { startGatewayServer } from './gateway-server.ts'
import { openPlaceClient } from './place-client.ts'
import { createRouting } from './routing.ts'

const ORGANISATION = 'org_abcdefgh234567'
const PATH = '/v2/models/dose/infer'
const open: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function place(answer: RequestListener) {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  open.push(stop)
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

const callers: CallerCheck = {
  check: async (authorization) => ({
    ok: true,
    organisationId: Table.shape.organisationId.parse(ORGANISATION),
    name: authorization ?? '',
  }),
}

async function gateway(addresses: readonly string[], tls?: { cert: string; key: string }) {
  const places = addresses.map((address, at) => ({
    id: `dev_aaaaaaa${'abcd'[at]}`,
    device: `press-${at}`,
    site: 'lyon',
    version: 1,
    address,
    isSilent: false,
  }))
  const routing = createRouting({ clock: systemClock, site: 'lyon' })
  const spec = { model: 'dose', prefer: 'least', hedgeMs: 5 }
  routing.use(Table.parse({ organisationId: ORGANISATION, revision: '1', routes: [{ name: 'dose', spec, places }] }))
  const client = openPlaceClient(() => Promise.reject(new Error('no streams here')))
  const about = { host: '127.0.0.1', port: 0, tls, version: 'test' }
  const server = await startGatewayServer({ ...about, routing, callers, client })
  open.push(async () => {
    await server.close(100)
    client[Symbol.dispose]()
  })
  return server.port
}

/** A model that keeps a state: it counts the requests of each sequence. */
function counter(): RequestListener {
  let count = 0
  return (request, response) => {
    request.resume()
    count += 1
    response.end(String(count))
  }
}

async function call(port: number, sequence: string, caller = 'ann') {
  const response = await fetch(`http://127.0.0.1:${port}${PATH}`, {
    method: 'POST',
    body: '{}',
    headers: { authorization: caller, 'skerry-sequence': sequence },
  })
  return { status: response.status, place: response.headers.get('skerry-place'), body: await response.text() }
}

test('a sequence stays at its place, others are balanced, and a lost place is no wrong answer', async () => {
  const places = [await place(counter()), await place(counter())]
  const port = await gateway(places.map(({ address }) => address))
  const first = await call(port, 's1')
  const other = await call(port, 's2')
  expect(new Set([first.place, other.place])).toEqual(new Set(['press-0', 'press-1']))
  for (const body of ['2', '3', '4']) expect(await call(port, 's1')).toEqual({ ...first, body })
  // The sequence of another caller has the same name, and begins at a place of its own choice.
  await call(port, 's1', 'bob')
  const lost = places[Number(first.place?.slice(-1))]
  lost?.stop()
  const answer = await call(port, 's1')
  expect([answer.status, JSON.parse(answer.body).code]).toEqual([409, 'sequence_lost'])
  expect(await call(port, 's1')).toMatchObject({ status: 200, place: other.place })
  expect((await call(port, 'a b')).status).toBe(400)
})

test('callers reach a gateway over TLS, and learn whether it is the one that they trust', async () => {
  const authority = await createAuthority({ commonName: 'our authority', nowMs: Date.now() })
  const stranger = await createAuthority({ commonName: 'another authority', nowMs: Date.now() })
  const own = await issueServerCertificate(authority, { names: ['localhost'], nowMs: Date.now() })
  const { address } = await place(counter())
  const port = await gateway([address], { cert: own.certificatePem, key: own.privateKeyPem })
  const ask = async (options: object) => {
    const request = requestHttps({ host: '127.0.0.1', port, method: 'POST', path: PATH, ...options })
    request.end('{}')
    const [response]: IncomingMessage[] = await once(request, 'response')
    if (!response) throw new Error('no response')
    return { status: response.statusCode, body: await text(response) }
  }
  const known = { ca: authority.certificatePem, servername: 'localhost' }
  expect(await ask(known)).toEqual({ status: 200, body: '1' })
  await expect(ask({ ...known, ca: stranger.certificatePem })).rejects.toThrow(/certificate/)
  await expect(ask({ ...known, servername: 'other.example' })).rejects.toThrow(/altnames/)
  await expect(ask({ ...known, maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' })).rejects.toThrow()
  await expect(fetch(`http://127.0.0.1:${port}${PATH}`, { method: 'POST', body: '{}' })).rejects.toThrow()
})
