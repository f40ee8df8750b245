import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect as connectPlain } from 'node:net'
import { connect } from 'node:tls'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

/** Sends bytes as they are. */
function send(bytes: string) {
  const { port } = new URL(hub.url)
  const socket = connect({ host: '127.0.0.1', port: Number(port), ca: hub.hub.config.caPem, minVersion: 'TLSv1.3' })
  socket.on('secureConnect', () => socket.write(bytes))
  return socket
}

/** Sends bytes as they are, and gives what comes back until the hub closes. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = send(bytes)
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

test('paths that climb, lie or have no end find nothing', async () => {
  const paths = [
    '/v1/../../etc/passwd',
    '/v1/blobs/..%2f..%2fhub.sqlite',
    `/v1/blobs/sha256:${'0'.repeat(63)}%2f`,
    '/v1/uploads/..%2f..%2fx',
    '/v1/sites/..%2f..%2fx',
    '/v1/sites/%00',
    '/v1/sites/%ff',
    '/v1/sites/%',
    '//v1/sites',
    '/v1',
    '/etc/passwd',
    '/.well-known/x',
    `/v1/sites/${'a'.repeat(1_000)}`,
  ]
  for (const path of paths) {
    const answer = await exchange(
      `GET ${path} HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer ${hub.ownerKey}\r\nconnection: close\r\n\r\n`,
    )
    expect(answer.split(' ')[1], `${path}: ${answer}`).toMatch(/^4/)
    expect(answer).toMatch(/"code":"(route_unknown|input_invalid|blob_unknown|upload_unknown|site_unknown)"/)
    expect(answer).not.toContain('root:')
  }
})

test('bodies over the limit are refused before they are read, and a push has a limit of its own', async () => {
  const big = JSON.stringify({ kind: 'edge', region: 'x'.repeat(1_100_000) })
  const headers = { 'content-type': 'application/json' }
  const site = await hub.ask('PUT', '/v1/sites/big', { raw: big, headers })
  expect([site.status, site.body]).toMatchObject([413, { code: 'body_too_large' }])
  const push = await hub.ask('POST', '/v1/models/big/versions', { raw: big, headers })
  expect(push.body).toMatchObject({ code: 'input_invalid' })
  const announced = await exchange(
    `POST /v1/models/big/versions HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer ${hub.ownerKey}\r\ncontent-type: application/json\r\ncontent-length: 200000000\r\n\r\n{`,
  )
  expect(announced).toContain('body_too_large')
})

const announce = (head: string, headers: readonly string[]) =>
  exchange(`${[`${head} HTTP/1.1`, 'host: hub', ...headers].join('\r\n')}\r\n\r\n{`)

const LONG = ['content-type: application/json', `content-length: ${20 * 2 ** 20}`]

test('a body is not read before its sender is known, nor for a path that is none', async () => {
  const upload = 'PATCH /v1/uploads/upl_abcdefgh234567?offsetBytes=0'
  const byStrangers: [string, string][] = [
    [upload, 'key_missing'],
    ['POST /v1/models/big/versions', 'key_missing'],
    ['POST /v1/devices/x/models/y/infer', 'key_missing'],
    ['PUT /v1/sites/big', 'key_missing'],
    ['PUT /v1/device-commands/cmd_abcdefgh234567/answer', 'certificate_missing'],
    ['POST /v1/join', 'body_too_large'],
    ['POST /v1/none', 'route_unknown'],
    ['POST /none', 'route_unknown'],
    ['POST /healthz', 'route_unknown'],
  ]
  // None of these bodies ever comes: an answer proves that nobody waited for it.
  const answers = await Promise.all(byStrangers.map(async ([head]) => announce(head, LONG)))
  for (const [index, [head, code]] of byStrangers.entries()) expect(answers[index], head).toContain(`"${code}"`)
  const key = `authorization: Bearer ${hub.ownerKey}`
  const byOwner: [string, string[], string][] = [
    [upload, LONG, 'input_invalid'],
    [upload, ['content-type: application/octet-stream', 'content-length: 70000000'], 'body_too_large'],
    ['POST /v1/models/big/versions', [LONG[0] ?? '', 'content-length: 26000000'], 'body_too_large'],
    ['PUT /v1/sites/big', LONG, 'body_too_large'],
    ['POST /.well-known/est/simpleenroll', LONG, 'input_invalid'],
  ]
  for (const [head, headers, code] of byOwner)
    expect(await announce(head, [key, ...headers]), head).toContain(`"${code}"`)
})

test('a sender that is rejected early reads the answer, although it goes on to send', async () => {
  const raw = new Uint8Array(20 * 2 ** 20)
  const headers = { 'content-type': 'application/json' }
  const answer = await hub.ask<{ code: string }>('POST', '/v1/models/big/versions', { key: null, raw, headers })
  expect(answer).toMatchObject({ status: 401, body: { code: 'key_missing' } })
})

test('a chunked body has the same limit, and piece by piece too', async () => {
  const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`
  const head = ['PUT /v1/sites/big HTTP/1.1', 'host: hub', `authorization: Bearer ${hub.ownerKey}`, LONG[0]]
  const chunked = `${[...head, 'transfer-encoding: chunked'].join('\r\n')}\r\n\r\n`
  expect(await exchange(`${chunked}${chunk.repeat(17)}`)).toContain('"body_too_large"')
})

test('a caller that hangs up early holds no room for its body', async () => {
  const { keys, commands } = hub.hub
  const { organisationId } = (await hub.ask<{ organisationId: string }>('GET', '/v1/me')).body
  const head = `POST /v1/models/big/versions HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer ${hub.ownerKey}\r\n`
  const verify = keys.verify
  const begun = Promise.withResolvers<ServerResponse>()
  const onStart = (message: unknown) => begun.resolve((message as { response: ServerResponse }).response)
  subscribe('http.server.request.start', onStart)
  // As a database that is far away: its answer comes when the caller has gone.
  using slow = vi.spyOn(keys, 'verify').mockImplementationOnce(async (text) => {
    socket.destroy()
    await once(await begun.promise, 'close')
    return verify(text)
  })
  const socket = send(`${head}${LONG.join('\r\n')}\r\n\r\n{`)
  await until(() => slow.mock.settledResults[0]?.type === 'fulfilled')
  unsubscribe('http.server.request.start', onStart)
  await hub.ask('GET', '/v1/me')
  using everything = commands.budget.reserve(96 * 2 ** 20, organisationId)
  expect(everything, 'half of 192 MiB is the share of an organisation that is alone').toBeDefined()
})

test('everybody is answered while a large body is parsed, and what is wrong with it is said as of a small one', async () => {
  // Empty lists are the most expensive JSON there is: some seconds for the hub, were it to parse them itself.
  const data = `[${'[],'.repeat(2 ** 21)}1]`
  const raw = `{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":${data}}]}`
  const headers = { 'content-type': 'application/json' }
  let isAnswered = false
  const asked = hub.ask<{ code: string }>('POST', '/v1/devices/x/models/y/infer', { raw, headers })
  const ended = asked.finally(() => {
    isAnswered = true
  })
  let healthy = 0
  while (!isAnswered) {
    await hub.ask('GET', '/healthz', { key: null })
    healthy += 1
  }
  expect(await ended).toMatchObject({ status: 404, body: { code: 'device_unknown' } })
  expect(healthy).toBeGreaterThan(10)
  const poisoned = `{"kind":"edge","labels":{${'"a":"b",'.repeat(10_000)}"__proto__":"x"}}`
  const site = await hub.ask<{ code: string }>('PUT', '/v1/sites/x', { raw: poisoned, headers })
  expect(site).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
  expect(site.text).toContain('__proto__')
  const [record] = (
    await hub.ask<{ rows: { action: string; result: string }[] }>('GET', '/v1/audit?limit=1&newestFirst=true')
  ).body.rows
  expect(record).toMatchObject({ action: 'site.apply', result: 'input_invalid' })
})

test('what is not JSON, or claims to be something else, is refused with a code', async () => {
  const put = (raw: string, type: string) =>
    hub.ask<{ code: string }>('PUT', '/v1/sites/x', { raw, headers: { 'content-type': type } })
  const answers = await Promise.all([
    put('{', 'application/json'),
    put('kind=edge', 'application/x-www-form-urlencoded'),
    put('<x/>', 'text/xml'),
    put('{"kind":"edge"}', 'text/plain'),
    put('{"kind":"edge"}', 'application/octet-stream'),
    put('{"kind":"edge","labels":{"__proto__":"x"}}', 'application/json'),
    put('{"kind":"edge","region":"\\u0000"}', 'application/json'),
    put('{"kind":"edge","region":"\\ud800"}', 'application/json'),
    put('[]', 'application/json'),
    put('"edge"', 'application/json'),
  ])
  expect(answers.map(({ status, body }) => `${status} ${body.code}`)).toEqual(Array(10).fill('400 input_invalid'))
  expect((await put('{"kind":"edge","region":"\\ud83d\\ude00"}', 'application/json')).status).toBe(200)
})

test('a content type without a body is no failure, for strangers and for those who are known', async () => {
  const headers = { 'content-type': 'application/json' }
  const code = async (method: string, path: string, key?: null) => {
    const { status, body } = await hub.ask<{ code?: string }>(method, path, { ...(key === null && { key }), headers })
    return `${status} ${body.code}`
  }
  expect(await code('DELETE', '/v1/sites/none', null)).toBe('401 key_missing')
  expect(await code('DELETE', '/v1/sites/none')).toBe('404 site_unknown')
  expect(await code('POST', '/v1/keys/key_abcdefgh2345/revoke', null)).toBe('401 key_missing')
  expect(await code('POST', '/v1/keys/key_abcdefgh2345/revoke')).toBe('404 key_unknown')
  expect(await code('POST', '/v1/keys')).toBe('400 input_invalid')
  const empty = `DELETE /v1/sites/none HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`
  expect(await exchange(empty)).toContain('"key_missing"')
})

test('what is no HTTP is answered and cut off, and plain text on the TLS port is cut off', async () => {
  expect(await exchange('GET / HTTP/9.9\r\n\r\n')).toContain('input_invalid')
  expect(await exchange(`GET / HTTP/1.1\r\nhost: hub\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)).toContain('input_invalid')
  const { port } = new URL(hub.url)
  const plain = connectPlain(Number(port), '127.0.0.1')
  plain.write('GET / HTTP/1.1\r\n\r\n')
  await new Promise((resolve) => plain.once('close', resolve))
  expect((await hub.ask('GET', '/healthz')).status).toBe(200)
})

test('older TLS is refused', async () => {
  const { port } = new URL(hub.url)
  const socket = connect({ host: '127.0.0.1', port: Number(port), ca: hub.hub.config.caPem, maxVersion: 'TLSv1.2' })
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve))
  expect(error.message).toMatch(/alert|protocol/i)
})

test('every answer has a request id and headers that keep it data', async () => {
  for (const path of ['/v1/me', '/v1/none', '/healthz', '/readyz', '/openapi.json', '/docs']) {
    const { headers } = await hub.ask('GET', path)
    expect(headers['x-request-id'], path).toMatch(/^req_/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['strict-transport-security']).toBeDefined()
  }
  const first = await hub.ask('GET', '/healthz', { headers: { 'x-request-id': 'forged' } })
  expect(first.headers['x-request-id']).not.toBe('forged')
})

test('metrics need a key, and count what happened', async () => {
  expect((await hub.ask('GET', '/metrics', { key: null })).status).toBe(401)
  await hub.ask('GET', '/v1/me')
  const viewer = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'scraper', role: 'viewer' } })
  const own = await hub.ask('GET', '/metrics', { key: viewer.body.secret })
  expect(own.text).toContain('skerry_organisation_devices 0')
  expect(own.text).not.toContain('skerry_requests_total')
  const { text } = await hub.ask('GET', '/metrics')
  for (const name of [
    'skerry_requests_total{procedure="hub.me",code="ok"}',
    'skerry_link_connections',
    'skerry_reports_total',
    'skerry_flush_reports_bucket',
    'skerry_blob_bytes',
    'nodejs_eventloop_lag_seconds',
  ]) {
    expect(text).toContain(name)
  }
})

test('a hub whose disk is at its floor is not ready, and says why', async () => {
  await using full = await startTestHub({ diskFloorBytes: Number.MAX_SAFE_INTEGER })
  const { status, body } = await full.ask<{ problems: string[] }>('GET', '/readyz', { key: null })
  expect(status).toBe(503)
  expect(body.problems.join()).toContain('disk')
  expect((await full.ask('GET', '/healthz', { key: null })).status).toBe(200)
})

test('a message that fails inside tells the caller its request id and nothing else', async () => {
  await using other = await startTestHub()
  await other.hub.store[Symbol.asyncDispose]()
  const { status, text, headers } = await other.ask('GET', '/v1/me')
  expect(status).toBe(500)
  expect(JSON.parse(text)).toEqual({
    defined: true,
    code: 'internal_error',
    status: 500,
    message: expect.stringContaining('request id'),
  })
  expect(other.log.find(({ event }) => event === 'request_failed')).toMatchObject({
    requestId: headers['x-request-id'],
  })
})

test('headers or bodies that come drop by drop are cut off', async () => {
  await using hasty = await startTestHub({ timeouts: { headersMs: 200, requestMs: 400, checkMs: 50 } })
  const { port } = new URL(hasty.url)
  const begin = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: Number(port), ca: hasty.hub.config.caPem })
      let text = ''
      socket.on('data', (chunk) => {
        text += String(chunk)
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(text))
      socket.on('secureConnect', () => socket.write(bytes))
    })
  const head = `PUT /v1/sites/slow HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer ${hasty.ownerKey}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n`
  const answers = await Promise.all([begin(head), begin(`${head}\r\n{"kind"`)])
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 400/)
  expect((await hasty.ask('GET', '/v1/sites/slow')).status).toBe(404)
})
