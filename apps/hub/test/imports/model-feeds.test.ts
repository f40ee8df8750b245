/** Model feeds: the hub imports from a real web server and from a registry, once for each change, and rejects hostile places. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { ModelFeed } from '@skerry/contract/model-feeds/model-feed'
import type { VersionDetail } from '@skerry/contract/models/model'
import { digestOf } from '@skerry/platform/files/hash'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { type ModelServer, openModelServer } from '../stage/servers/model-server.ts'

const EXAMPLES = new URL('../../../../examples/sensor-anomaly/', import.meta.url)
const first = await readFile(new URL('model-v1.onnx', EXAMPLES))
const second = await readFile(new URL('model-v2.onnx', EXAMPLES))

let hub: TestHub
let server: ModelServer

beforeEach(async () => {
  server = await openModelServer('let-me-in', first)
  hub = await startTestHub({ webhooks: server.webhooks })
})
afterEach(async () => {
  await hub[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

type Answered = { code?: string; message?: string; feed?: ModelFeed }

const set = (spec: Record<string, unknown>, accessToken?: string) =>
  hub.ask<Answered>('PUT', '/v1/model-feeds/press', {
    body: { spec: { model: 'anomaly', ...spec }, ...(accessToken !== undefined && { accessToken }) },
  })

const act = (verb: string, body: Record<string, unknown> = {}) =>
  hub.ask<ModelFeed>('POST', `/v1/model-feeds/press/${verb}`, { body })

const show = async () => (await hub.ask<ModelFeed>('GET', '/v1/model-feeds/press')).body

/** The feed after a check that began after this call. */
async function checked(body: Record<string, unknown> = {}): Promise<ModelFeed> {
  const before = (await act('sync', body)).body.checkedAtMs ?? 0
  return until(async () => {
    const feed = await show()
    return (feed.checkedAtMs ?? 0) > before && feed.nextAtMs > (feed.checkedAtMs ?? 0) && feed
  })
}

const version = async (name: string) =>
  (await hub.ask<VersionDetail>('GET', `/v1/models/anomaly/versions/${name}`)).body

const actions = async () =>
  (await hub.ask<{ rows: AuditRecord[] }>('GET', '/v1/audit?limit=200')).body.rows.map(({ action }) => action)

test('a changed file is imported once, with its origin, its alias and an audit record; a feed can pause', async () => {
  const place = `${server.url}/models/press.onnx`
  expect((await set({ place, aliases: ['champion'], labels: { line: '4' } })).body.feed).toMatchObject({ state: 'new' })
  const denied = await checked()
  expect(denied).toMatchObject({ state: 'failed', problem: { code: 'feed_unreachable' } })
  expect(denied.problem?.message).toContain('needs credentials (401)')

  expect((await set({ place, aliases: ['champion'], labels: { line: '4' } }, 'let-me-in')).body.code).toBeUndefined()
  expect(await checked()).toMatchObject({ state: 'current', hasToken: true, imported: { version: 1 } })
  const imported = await version('@champion')
  expect(imported).toMatchObject({
    version: 1,
    labels: { 'imported-from': 'url', line: '4' },
    lineage: { source: { uri: place }, tool: 'skerry model-feed press' },
  })
  expect(imported.files).toMatchObject([{ path: 'model.onnx', digest: digestOf(first) }])

  // The same tag: nothing is fetched, and nothing is recorded.
  server.seen.length = 0
  expect(await checked()).toMatchObject({ state: 'current', imported: { version: 1 } })
  expect(server.seen).toEqual(['HEAD /models/press.onnx'])
  server.serve(second)
  expect(await checked()).toMatchObject({ state: 'current', imported: { version: 2 } })
  expect((await version('@champion')).files[0]?.digest).toBe(digestOf(second))
  // The same bytes again, although a person wants them anew.
  expect(await checked({ isAnew: true })).toMatchObject({ imported: { version: 2 } })
  const said = await actions()
  expect(said.filter((action) => action === 'modelFeed.imported')).toHaveLength(2)
  expect(said.filter((action) => action === 'modelFeed.failed')).toHaveLength(1)

  await act('pause', { reason: 'freeze' })
  server.serve(first)
  server.seen.length = 0
  await act('sync')
  expect((await act('resume')).body.state).toBe('current')
  await until(async () => server.seen.length > 0)
  expect((await hub.ask('DELETE', '/v1/model-feeds/press')).status).toBe(200)
  expect((await hub.ask('GET', '/v1/model-feeds/press')).status).toBe(404)
})

test('an artefact of a registry is imported by the digest of its manifest', async () => {
  const place = `oci://${server.host}/plant/press:stable`
  await set({ place }, 'let-me-in')
  const feed = await checked()
  expect(feed, feed.problem?.message).toMatchObject({ state: 'current', imported: { version: 1 } })
  expect(feed.imported?.revision).toBe(server.manifestDigest())
  expect(await version('1')).toMatchObject({ labels: { 'imported-from': 'oci' }, lineage: { source: { uri: place } } })
  server.seen.length = 0
  await checked()
  expect(server.seen.filter((request) => request.includes('/blobs/'))).toEqual([])
})

test('the hub reaches no address that a person may not name, also not by a redirect, and imports no page', async () => {
  const metadata = await set({ place: 'https://169.254.169.254/latest.onnx' })
  expect(metadata.body).toMatchObject({ code: 'model_feed_refused', message: expect.stringContaining('169.254') })
  await set({ place: `${server.url}/away.onnx` }, 'let-me-in')
  const away = await checked()
  expect(away).toMatchObject({ state: 'failed', problem: { code: 'feed_refused' } })
  await set({ place: `${server.url}/page.onnx` })
  const page = await checked()
  expect(page.problem).toMatchObject({
    code: 'feed_refused',
    message: expect.stringContaining('a page of a web server'),
  })
  expect((await hub.ask<{ rows: unknown[] }>('GET', '/v1/models')).body.rows).toEqual([])
})

test('a token goes to no other server, and a wrong place is rejected at once', async () => {
  await set({ place: `${server.url}/m.onnx` }, 'let-me-in')
  const moved = await set({ place: 'https://models.example.com/m.onnx' })
  expect(moved.body.code).toBe('model_feed_refused')
  for (const place of ['http://x.example/m.onnx', 'https://u:p@x.example/m.onnx', 'file:///etc/m.onnx', 'models:/a@b'])
    expect((await set({ place })).body.code, place).toBe('input_invalid')
})

test(
  'a hub behind a proxy reaches a public server through it, and no address of its own network',
  deep('a second hub; the quick tests import without a proxy'),
  async () => {
    const targets: string[] = []
    const proxy = createServer()
    // [RFC 9110 9.3.6] The name leads to the server of this test, as a public one would in a network with a proxy only.
    proxy.on('connect', (request, socket) => {
      targets.push(request.url ?? '')
      const line = connect(Number(server.host.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        line.pipe(socket).pipe(line)
      })
      for (const end of [line, socket]) end.on('error', () => undefined)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    await hub[Symbol.asyncDispose]()
    const { port } = proxy.address() as AddressInfo
    hub = await startTestHub({
      webhooks: { allowed: [], ca: server.webhooks.ca, proxy: `http://127.0.0.1:${port}` },
    })
    await set({ place: 'https://models.example.com/m.onnx' }, 'let-me-in')
    const feed = await checked()
    expect(feed, feed.problem?.message).toMatchObject({ state: 'current', imported: { version: 1 } })
    expect(new Set(targets)).toEqual(new Set(['models.example.com:443']))
    expect((await set({ place: 'https://10.0.0.1/m.onnx' }, '')).body.code).toBe('model_feed_refused')
    proxy.close()
  },
)
