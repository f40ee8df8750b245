import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CACHE_PASS_HEADER, type CachePass } from '@skerry/contract/chunks/site-cache'
import { type BlobFolder, openBlobFolder } from '@skerry/platform/blobs/blob-folder'
import { certifyDevice, createAuthority } from '@skerry/platform/certificates/certificate-authority'
import { generateKeyPair, type KeyPair } from '@skerry/platform/certificates/private-key'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { encodeCachePass, signCachePass } from '@skerry/platform/chunks/cache-pass'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { openHttpsClient } from '@skerry/platform/network/https-client'
import { systemClock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Identity } from '../joining/identity.ts'
import type { ModelBlobs } from '../sealing/model-blobs.ts'
import { serveCache } from './cache-server.ts'
import { type CacheStore, type CacheStoreDeps, openCacheStore } from './cache-store.ts'
import { downloadNear, type NearDownload } from './near-download.ts'
import { openSiteCache } from './open-site-cache.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const conditions = { raise() {}, clear() {}, list: () => [] }
const bytes = randomBytes(700_000)
const file = { digest: digestOf(bytes), sizeBytes: bytes.length }
const signing = generateKeyPair()

type Device = { keys: KeyPair; certificate: string; key: string }
let cacheDevice: Device
let neighbour: Device
let path: string
let stop: AbortController
let serving: Promise<void>
let port: number
let fetches: number
let sent: Uint8Array

async function makeDevice(deviceId: string): Promise<Device> {
  // Another authority for each: neither side relies on one.
  const authority = await createAuthority({ commonName: deviceId, nowMs: Date.now() })
  const keys = generateKeyPair()
  const about = { publicKeyPem: keys.publicKeyPem, deviceId, organisationId: 'org_1', nowMs: Date.now() }
  return { keys, certificate: await certifyDevice(authority, about), key: hashPublicKey(keys.publicKeyPem) }
}

const folderAt = (name: string) =>
  openBlobFolder({ fileSystem: nodeFileSystem, path: join(path, name), freeBytesMin: 0 })

async function store(folder: Pick<BlobFolder, 'openPart'>, content: Uint8Array, signal: AbortSignal) {
  const opened = await folder.openPart(digestOf(content), signal)
  if (!opened.ok) throw new Error(opened.message)
  await using part = opened.part
  await part.append(content, part.sizeBytes)
  await part.commit(digestOf(content))
}

async function openStore(changes: Partial<CacheStoreDeps> = {}): Promise<CacheStore> {
  const [own, kept] = [await folderAt('own'), await folderAt('kept')]
  return openCacheStore({
    own,
    kept,
    bytesMax: 1_000_000,
    async fetch(folder, { sizeBytes }, signal) {
      fetches++
      await folder.onAnswer?.()
      await store(folder as BlobFolder, sent, signal)
      return { ok: true, sizeBytes, receivedBytes: sent.length }
    },
    clock: systemClock,
    log,
    signal: stop.signal,
    ...changes,
  })
}

function serve(made: CacheStore): void {
  const identity = { certificate: cacheDevice.certificate, trustedKeys: [signing.publicKeyPem] } as Identity
  const own = { identity, privateKey: cacheDevice.keys.privateKeyPem }
  const deps = { store: made, credentials: () => own, nowMs: Date.now, clock: systemClock, conditions, log }
  serving = serveCache({ listen: { host: '127.0.0.1', port }, bytesMax: 1 }, deps, stop.signal)
}

const passOf = (changes: Partial<CachePass> = {}, key = signing) =>
  signCachePass(
    {
      v: 1,
      blob: file.digest,
      sizeBytes: file.sizeBytes,
      deviceKey: neighbour.key,
      cacheKeys: [cacheDevice.key],
      expiresAtMs: Date.now() + 60_000,
      ...changes,
    },
    key,
  )

const clientOf = ({ certificate, keys }: Device, serverKey: string) =>
  openHttpsClient({ serverKey, credentials: { certificatePem: certificate, privateKeyPem: keys.privateKeyPem } })

type Hub = NearDownload['hub']['client']

const hubWith = (pass = passOf(), key = cacheDevice.key): Hub => ({
  sendJson: async () => ({
    ok: true,
    status: 200,
    body: { caches: [{ device: 'press-4', address: `127.0.0.1:${port}`, key }], pass },
  }),
})

const fetchNear = async (name: string, client = hubWith(), away = new Map<string, number>(), clock = systemClock) => {
  const folder = await folderAt(name)
  const deps = {
    folder,
    clock,
    random: Math.random,
    log,
    away,
    hub: { hub: 'https://hub.example', client },
  }
  const result = await downloadNear(
    { ...deps, clientFor: (key) => clientOf(neighbour, key) },
    file,
    AbortSignal.timeout(60_000),
  )
  return { result, folder }
}

beforeAll(async () => {
  cacheDevice = await makeDevice('dev_cache')
  neighbour = await makeDevice('dev_neighbour')
})

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'skerry-site-cache-'))
  stop = new AbortController()
  port = await freePort()
  fetches = 0
  sent = bytes
  serving = Promise.resolve()
})

afterEach(async () => {
  stop.abort()
  await serving
  rmSync(path, { recursive: true })
})

const listens = () =>
  until(async () => {
    const answer = await clientOf(neighbour, cacheDevice.key).send({ url: `https://127.0.0.1:${port}/` }, stop.signal)
    return answer.ok || undefined
  })

test('all neighbours get the file, and the hub sends it once', async () => {
  serve(await openStore())
  await listens()
  const fetched = await Promise.all(['a', 'b', 'c', 'd'].map((name) => fetchNear(name)))
  for (const { result, folder } of fetched) {
    expect(result).toMatchObject({ ok: true, sizeBytes: bytes.length })
    expect(Buffer.concat(await folder.createReadStream(file.digest).toArray()).equals(bytes)).toBe(true)
  }
  expect(fetches).toBe(1)
})

test('a download that was cut continues at its last byte', async () => {
  serve(await openStore())
  await listens()
  const opened = await (await folderAt('a')).openPart(file.digest, stop.signal)
  if (!opened.ok) throw new Error(opened.message)
  await opened.part.append(bytes.subarray(0, 500_000), 0)
  await opened.part.close()
  expect((await fetchNear('a')).result).toMatchObject({ ok: true, receivedBytes: 200_000 })
})

test.each([
  ['of another file', () => passOf({ blob: digestOf(Buffer.from('other')) }), 'the pass is for another file'],
  ['of another device', () => passOf({ deviceKey: cacheDevice.key }), 'the pass belongs to another device'],
  [
    'for a cache of another organisation',
    () => passOf({ cacheKeys: ['a'.repeat(64)] }),
    'the pass is for other caches',
  ],
  ['that has expired', () => passOf({ expiresAtMs: 1 }), 'the pass has expired'],
  ['that another hub signed', () => passOf({}, generateKeyPair()), 'this device did not learn'],
])('a pass %s opens nothing, and the cache fetches nothing', async (_, pass, message) => {
  serve(await openStore())
  await listens()
  const headers = { [CACHE_PASS_HEADER]: encodeCachePass(pass()) }
  for (const [method, way] of [
    ['POST', '/order'],
    ['GET', ''],
  ] as const) {
    const url = `https://127.0.0.1:${port}/v1/blobs/${file.digest}${way}`
    const answer = await clientOf(neighbour, cacheDevice.key).sendJson({ method, url, headers }, stop.signal)
    expect(answer).toMatchObject({
      status: 403,
      body: { code: 'cache_pass_refused', message: expect.stringContaining(message) },
    })
  }
  expect(fetches).toBe(0)
})

test('a server with another key than the hub named is not asked for the file, and stays away for a while', async () => {
  serve(await openStore())
  await listens()
  const away = new Map<string, number>()
  expect((await fetchNear('a', hubWith(passOf(), 'f'.repeat(64)), away)).result).toBeUndefined()
  expect([...away.keys()]).toEqual(['f'.repeat(64)])
  expect(fetches).toBe(0)
})

test('the device uses the hub if the cache is away, lies about the bytes, or cannot get the file', async () => {
  expect((await fetchNear('a')).result).toBeUndefined()
  const refusing = await openStore({
    fetch: async () => ({ ok: false, code: 'server_unreachable', message: 'no hub', retryable: true }),
  })
  serve(refusing)
  await listens()
  expect((await fetchNear('a')).result).toBeUndefined()
  expect(await refusing.order(file)).toMatchObject({ state: 'refused', message: 'no hub' })
})

test('a cache that shows progress for ever holds the file only for its time', async () => {
  let arrivedBytes = 0
  const order: CacheStore['order'] = async () => ({ state: 'coming', arrivedBytes: ++arrivedBytes })
  serve({ ...(await openStore()), order })
  await listens()
  const limits: number[] = []
  const clock: typeof systemClock = {
    ...systemClock,
    async sleep(ms, signal) {
      if (ms <= 60_000) return systemClock.sleep(20, signal)
      limits.push(ms)
      await until(() => arrivedBytes > 1)
    },
  }
  expect((await fetchNear('a', hubWith(), new Map(), clock)).result).toBeUndefined()
  expect(arrivedBytes).toBeGreaterThan(1)
  expect(limits).toEqual([120_000 + file.sizeBytes / 8])
})

test('bytes that are not those of the digest never become the file', async () => {
  const wrong = randomBytes(bytes.length)
  const open = async () => {
    await store(await folderAt('lies'), wrong, stop.signal)
    return (await folderAt('lies')).open(digestOf(wrong))
  }
  serve({
    open,
    order: async () => ({ state: 'here', arrivedBytes: 0 }),
    arrived() {},
    freeDisk: async () => {},
    keptBytes: async () => 0,
  })
  await listens()
  const { result, folder } = await fetchNear('a')
  expect(result).toBeUndefined()
  expect(await folder.has(file.digest)).toBe(false)
})

async function fill(made: CacheStore, content: Uint8Array): Promise<typeof file> {
  sent = content
  const wanted = { digest: digestOf(content), sizeBytes: content.length }
  await until(async () => ((await made.order(wanted)).state === 'here' ? true : undefined))
  return wanted
}

test('a file that the hub does not give removes no other one', async () => {
  const made = await openStore({
    fetch: async () => ({ ok: false, code: 'request_refused', message: 'the blob is unknown', retryable: false }),
  })
  await store(await folderAt('kept'), bytes, stop.signal)
  const other = { digest: digestOf(Buffer.from('other')), sizeBytes: 900_000 }
  await until(async () => ((await made.order(other)).state === 'refused' ? true : undefined))
  const found = await made.open(file.digest)
  expect(await found?.sizeBytes()).toBe(bytes.length)
  await found?.close()
})

test('files for neighbours make room on the disk for a new one, and for the files of the device itself', async () => {
  const kept = await folderAt('kept')
  const free = async () => {
    let usedBytes = 0
    for await (const { sizeBytes } of kept.list()) usedBytes += sizeBytes
    return diskBytes - usedBytes
  }
  let diskBytes = 19_000_000
  const hasRoomFor = async (sizeBytes: number) => (await free()) >= sizeBytes
  const made = await openStore({ kept: { ...kept, hasRoomFor }, bytesMax: 19_000_000 })
  await store(kept, bytes, stop.signal)
  const second = await fill(made, randomBytes(800_000))
  expect(await kept.has(file.digest)).toBe(true)
  await made.freeDisk(20_000_000, hasRoomFor)
  expect(await kept.has(file.digest)).toBe(true)
  await made.freeDisk(1_000_000, hasRoomFor)
  expect([await kept.has(file.digest), await kept.has(second.digest)]).toEqual([false, true])
  diskBytes = 17_900_000
  const third = await fill(made, randomBytes(800_000))
  expect([await kept.has(second.digest), await kept.has(third.digest)]).toEqual([false, true])
})

test('the files of the device itself take the room of the cache, and without the option its folder is gone', async () => {
  let usedBytes = 0
  const openBeside = async (folder: string) => {
    const opened = await openBlobFolder({ fileSystem: nodeFileSystem, path: folder, freeBytesMin: 0 })
    return { ...opened, hasRoomFor: (sizeBytes: number) => own.hasRoomFor(sizeBytes) } as unknown as ModelBlobs
  }
  const own = {
    ...(await folderAt('own')),
    async hasRoomFor(sizeBytes: number) {
      return 20_000_000 - usedBytes - (await cache.keptBytes()) >= sizeBytes
    },
  }
  const download = () => {
    throw new Error('the test fetches nothing')
  }
  const deps = { data: path, fileSystem: nodeFileSystem, blobs: own, openBeside, download, clock: systemClock, log }
  const around = { ...deps, conditions, random: Math.random, signal: stop.signal }
  const cache = await openSiteCache({ listen: { host: '127.0.0.1', port }, bytesMax: 1e9 }, around)
  await store(await openBeside(join(path, 'site-cache')), bytes, stop.signal)
  expect(await cache.withRoom(own).hasRoomFor(1_000_000)).toBe(true)
  expect(await cache.keptBytes()).toBe(bytes.length)
  usedBytes = 19_000_000
  expect(await own.hasRoomFor(900_000)).toBe(false)
  expect(await cache.withRoom(own).hasRoomFor(900_000)).toBe(true)
  expect(await cache.keptBytes()).toBe(0)

  const kept = await openBeside(join(path, 'site-cache'))
  usedBytes = 0
  await store(kept, bytes, stop.signal)
  const opened = await kept.openPart(digestOf(Buffer.from('other')), stop.signal)
  if (!opened.ok) throw new Error(opened.message)
  await opened.part.append(bytes, 0)
  await opened.part.close()
  expect(await cache.keptBytes()).toBe(2 * bytes.length)
  usedBytes = 19_000_000
  serving = cache.run(stop.signal)
  await until(async () => ((await cache.keptBytes()) === 0 ? true : undefined))
  expect(existsSync(join(path, 'site-cache'))).toBe(true)
  await openSiteCache(undefined, around)
  expect(existsSync(join(path, 'site-cache'))).toBe(false)
})

test('old files make room for new ones, and a file that is too large is left to the hub', async () => {
  const made = await openStore()
  const first = await fill(made, bytes)
  const second = await fill(made, randomBytes(600_000))
  expect(await made.open(first.digest)).toBeUndefined()
  const found = await made.open(second.digest)
  expect(await found?.sizeBytes()).toBe(600_000)
  await found?.close()
  expect(await made.order({ ...file, sizeBytes: 1_000_001 })).toMatchObject({ state: 'refused' })
})
