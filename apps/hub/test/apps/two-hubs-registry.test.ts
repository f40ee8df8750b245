/**
 * The registry of two hubs on one PostgreSQL and one bucket: each request of a push or pull may reach another hub.
 *
 * @module-tag deep two hub processes with a database and a bucket; registry.test.ts shows each clause on one hub
 */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '@skerry/contract/apps/oci'
import { freePort } from '@skerry/testkit/free-port'
import { hasPostgres, newDatabase, type PostgresCluster, startPostgres } from '@skerry/testkit/postgres-cluster'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HubProcess, startHubProcess } from '../stage/hub-process.ts'
import { digestFor, type RegistryClient, registryClientAt } from '../stage/servers/registry-client.ts'
import { S3_CREDENTIALS, type S3Server, startS3Server } from '../stage/servers/s3-server.ts'

const REPOSITORY = 'plant/web'
const CONFIG = Buffer.from('{"os":"linux","architecture":"amd64"}')

describe.skipIf(!hasPostgres)('the registry of two hubs', () => {
  let folder: string
  let cluster: PostgresCluster
  let server: S3Server
  const hubs: HubProcess[] = []
  const clients: RegistryClient[] = []

  beforeAll(async () => {
    Object.assign(process.env, S3_CREDENTIALS)
    folder = await mkdtemp(join(tmpdir(), 'skerry-two-registries-'))
    cluster = await startPostgres()
    server = await startS3Server()
    const args = ['--database-url', await newDatabase(cluster.url), '--secrets', join(folder, 'one'), ...server.args]
    for (const name of ['one', 'two']) {
      if (name === 'two') {
        // Only for the test, which reads the authority there.
        await mkdir(join(folder, name))
        await copyFile(join(folder, 'one/authority.pem'), join(folder, name, 'authority.pem'))
      }
      const port = await freePort()
      const hub = await startHubProcess(join(folder, name), [...args, '--registry-listen', `127.0.0.1:${port}`])
      hubs.push(hub)
      const ownerKey = hubs[0]?.ownerKey ?? ''
      clients.push(registryClientAt({ caPem: hub.caPem, origin: `https://127.0.0.1:${port}`, ownerKey }))
    }
  })
  afterAll(async () => {
    for (const client of clients) client[Symbol.dispose]()
    for (const hub of hubs) await hub[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  let turn = 0
  /** The next hub in turn, as a balancer would choose. */
  const ask: RegistryClient['ask'] = (...request) => {
    turn += 1
    return (clients[turn % 2] as RegistryClient).ask(...request)
  }

  /** The path of an answer, without the hub that gave it. */
  const placeOf = (location: unknown): string => {
    const { pathname, search } = new URL(String(location), 'https://any')
    return pathname + search
  }

  /** Sends the bytes in pieces, each to the other hub. */
  async function pushInPieces(bytes: Buffer, pieceBytes: number): Promise<string> {
    const begun = await ask('POST', `/v2/${REPOSITORY}/blobs/uploads/`)
    expect(begun.status, begun.bytes.toString()).toBe(202)
    let place = placeOf(begun.headers.location)
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes)
      const headers = { 'content-type': 'application/octet-stream', 'content-range': `${at}-${at + piece.length - 1}` }
      const sent = await ask('PATCH', place, { body: piece, headers })
      expect(sent.status, sent.bytes.toString()).toBe(202)
      place = placeOf(sent.headers.location)
    }
    const digest = digestFor(bytes)
    const joint = place.includes('?') ? '&' : '?'
    const done = await ask('PUT', `${place}${joint}digest=${encodeURIComponent(digest)}`)
    expect(done.status, done.bytes.toString()).toBe(201)
    return digest
  }

  const part = (bytes: Buffer, mediaType: string) => ({ mediaType, digest: digestFor(bytes), size: bytes.length })

  const manifestOf = (layer: Buffer) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: part(CONFIG, OCI_CONFIG),
      layers: [part(layer, OCI_LAYER)],
    })

  const putManifest = (client: RegistryClient, tag: string, body: string) =>
    client.ask('PUT', `/v2/${REPOSITORY}/manifests/${tag}`, { body, headers: { 'content-type': OCI_MANIFEST } })

  async function pushLayer(): Promise<Buffer> {
    const layer = randomBytes(12_000_000)
    await pushInPieces(CONFIG, CONFIG.length)
    await pushInPieces(layer, 5_000_000)
    return layer
  }

  test('an image whose chunks reach both hubs in turn is pulled from each, and its removal counts at once', async () => {
    const [one, two] = clients as [RegistryClient, RegistryClient]
    const layer = await pushLayer()
    const body = manifestOf(layer)
    const put = await putManifest(one, '1', body)
    expect(put.status, put.bytes.toString()).toBe(201)
    for (const client of clients) {
      const manifest = await client.ask('GET', `/v2/${REPOSITORY}/manifests/1`)
      expect([manifest.status, manifest.bytes.toString()]).toEqual([200, body])
      const blob = await client.ask('GET', `/v2/${REPOSITORY}/blobs/${digestFor(layer)}`)
      expect(blob.bytes.equals(layer)).toBe(true)
      expect((await client.ask('GET', `/v2/${REPOSITORY}/tags/list`)).body).toMatchObject({ tags: ['1'] })
    }
    expect((await one.ask('DELETE', `/v2/${REPOSITORY}/manifests/${digestFor(body)}`)).status).toBe(202)
    expect((await two.ask('GET', `/v2/${REPOSITORY}/manifests/1`)).status).toBe(404)
  })

  test('a tag that both hubs get at once names one of the manifests, and both hubs agree', async () => {
    const [one, two] = clients as [RegistryClient, RegistryClient]
    const bodies = [manifestOf(await pushLayer()), manifestOf(await pushLayer())] as const
    const put = await Promise.all([putManifest(one, 'race', bodies[0]), putManifest(two, 'race', bodies[1])])
    expect(put.map(({ status }) => status)).toEqual([201, 201])
    const [first, second] = await Promise.all(
      clients.map((client) => client.ask('GET', `/v2/${REPOSITORY}/manifests/race`)),
    )
    expect(first?.bytes.equals(second?.bytes ?? Buffer.alloc(0))).toBe(true)
    expect(bodies).toContain(first?.bytes.toString())
  })

  test('an upload that is cancelled at one hub is unknown to the other', async () => {
    const [one, two] = clients as [RegistryClient, RegistryClient]
    const begun = await one.ask('POST', `/v2/${REPOSITORY}/blobs/uploads/`)
    const place = placeOf(begun.headers.location)
    expect((await two.ask('DELETE', place)).status).toBe(204)
    expect((await one.ask('GET', place)).status).toBe(404)
  })
})
