/**
 * Chunks from two hubs on one database and one bucket: a device goes on with the other hub at its last byte, an index
 * that one hub made is good at both, and a cache of the site survives a killed hub too.
 *
 * @module-tag deep starts PostgreSQL, a bucket, two hubs and agents, and kills hubs; delta.test.ts is quick
 */
import { createCipheriv } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { simulatedInventory } from '@skerry/agent/simulator/fleet'
import { joinFleet } from '@skerry/agent/simulator/fleet-joining'
import type { Digest } from '@skerry/contract/values/digest'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { blobLayout } from '@skerry/platform/blobs/blob-layout'
import { openSignedIndex } from '@skerry/platform/chunks/chunk-signature'
import { digestOf, hexOf } from '@skerry/platform/files/hash'
import { openHttpsClient } from '@skerry/platform/network/https-client'
import { freePort } from '@skerry/testkit/free-port'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasPostgres } from '@skerry/testkit/postgres-cluster'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { S3_CREDENTIALS, type S3Server, startS3Server } from '../../apps/hub/test/stage/servers/s3-server.ts'
import { type AgentProgram, startAgent } from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { type HubPair, openHubPair } from '../stage/two-hubs.ts'

const MODEL = 'wide'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const [DEVICE, CACHE] = ['press-1', 'cache-1']
const SLOW = 4 * PATIENCE_MS
const PARTS = 8
const PART_BYTES = 2 ** 20

/** Numbers without a pattern in [0, 1), the same in each run. */
function noise(seed: number): Uint8Array {
  const random = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(
    Buffer.alloc(PART_BYTES),
  )
  const values = new Float32Array(PART_BYTES / 4)
  for (let at = 0; at < values.length; at++) values[at] = random.readUIntLE(4 * at, 3) / 2 ** 24
  return new Uint8Array(values.buffer)
}

/** Eight tensors of a megabyte, each of them from its seed. */
function modelOf(seeds: readonly number[]) {
  const shape = [1, PART_BYTES / 4]
  const names = seeds.map((_, index) => `w${index}`)
  const model = buildModel({
    inputs: [{ name: 'x', datatype: 'FP32', shape }],
    outputs: [{ name: 'y', datatype: 'FP32', shape }],
    nodes: names.map((name, index) => ({
      operator: 'Add',
      inputs: [index === 0 ? 'x' : `sum${index - 1}`, name],
      outputs: [index === PARTS - 1 ? 'y' : `sum${index}`],
    })),
    initialisers: seeds.map((seed, index) => ({
      name: names[index] ?? '',
      datatype: 'FP32',
      shape,
      data: noise(seed),
    })),
  })
  const bytes = new Uint8Array(writeModel(model))
  return { bytes, digest: digestOf(bytes) }
}

/** The signed statement, and the root. Two signatures of the same bytes differ. */
function contentOf(answer: Buffer): unknown {
  const rootAt = 2 + answer.readUInt16BE(0)
  const { payload } = JSON.parse(answer.toString('utf8', 2, rootAt))
  return [payload, answer.toString('base64', rootAt)]
}

const numbersFrom = (first: number) => Array.from({ length: PARTS }, (_, index) => first + index)
/** Every other tensor is another one. */
const tunedOf = (seeds: readonly number[]) => seeds.map((seed, index) => (index % 2 === 0 ? seed : seed + 50))
const FIRST = numbersFrom(1)
const SECOND = tunedOf(FIRST)
const THIRD = tunedOf(SECOND)

describe.skipIf(!hasPostgres)('chunks from two hubs', () => {
  let bucket: S3Server
  let pair: HubPair
  let agent: AgentProgram
  beforeAll(async () => {
    Object.assign(process.env, S3_CREDENTIALS)
    bucket = await startS3Server()
    pair = await openHubPair([bucket.args, bucket.args])
    agent = await startAgent(pair.hubs[0], { site: SITE, device: DEVICE, folder: pair.folder })
  }, SLOW)
  afterAll(async () => {
    await agent?.stop()
    await pair?.[Symbol.asyncDispose]()
    await bucket?.[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    bucket.fault = () => undefined
  })

  const sentBy = async (index: number): Promise<number> => {
    const headers = { authorization: `Bearer ${pair.hubs[0].connection.key}` }
    const text = await (await fetch(`${pair.urlOf(index)}/metrics`, { headers })).text()
    const [, bytes] = /^skerry_blob_bytes_out_total (\d+)/m.exec(text) ?? []
    if (bytes === undefined) throw new Error('the hub tells no count of bytes')
    return Number(bytes)
  }
  const sentByBoth = () => Promise.all([sentBy(0), sentBy(1)])

  const eventsOf = async (path: string, event: string, digest: Digest) => {
    const lines = (await readFile(join(pair.folder, path), 'utf8')).split('\n').filter((line) => line.startsWith('{'))
    const entries = lines.map((line): Record<string, unknown> => JSON.parse(line))
    return entries.filter((entry) => entry.event === event && entry.digest === digest)
  }
  const builtBy = async (index: number, digest: Digest) =>
    (await eventsOf(`hub${index}/hub.log`, 'chunk_index_built', digest)).length

  const push = async (bytes: Uint8Array<ArrayBuffer>) =>
    (await pushModel(pair.hubs[0], { name: MODEL, bytes })).version.version
  const specOf = (version: number) => ({
    name: MODEL,
    deployable: MODEL,
    version: String(version),
    probation: { seconds: 0 },
  })
  const planOf = (version: number) => pair.clientOf(0).deployment.plan(specOf(version))
  const deploy = (version: number) => pair.clientOf(0).deployment.apply(specOf(version))
  const serves = (hub: number, device: string, version: number) =>
    until(async () => {
      const { items } = await pair.clientOf(hub).device.get({ device })
      return items.some((item) => item.state === 'active' && item.serving?.version === version)
    })

  const isReadOf = (digest: Digest, { method, url }: { method: string; url: string }) =>
    method === 'GET' && url.includes(`/sha256/${hexOf(digest).slice(0, 2)}/${hexOf(digest)}`)

  /** The bytes of the file that are on the disk of the device so far, for itself or for its neighbours. */
  async function partBytes(device: string, digest: Digest): Promise<number> {
    const paths = ['blobs', 'site-cache'].map((name) => blobLayout(join(pair.folder, device, name)).partOf(digest))
    const sizes = await Promise.all(
      paths.map((path) =>
        stat(path).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    )
    return Math.max(...sizes)
  }

  /** The store answers these reads of the file, and then no further one. Resolves when a read stands still. */
  function stallAfter(digest: Digest, answers: readonly ('half' | undefined)[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let reads = 0
    bucket.fault = (request) => {
      if (!isReadOf(digest, request)) return undefined
      reads += 1
      if (reads <= answers.length) return answers[reads - 1]
      resolve()
      return 'stall'
    }
    return promise
  }

  /** The hub that has sent more since then, and the bytes that it sent. */
  async function senderSince(before: readonly [number, number]) {
    const [first, second] = await sentByBoth()
    const more = [first - before[0], second - before[1]] as const
    const sender = more[0] > more[1] ? 0 : 1
    return { sender, other: sender === 0 ? 1 : 0, sent: more[sender] } as const
  }

  async function expectGoesOn(end: (sender: 0 | 1) => Promise<void>, seeds: readonly number[]) {
    const { bytes, digest } = modelOf(seeds)
    const version = await push(bytes)
    const plan = await planOf(version)
    expect(plan.bytes).toBeGreaterThan(3.9 * PART_BYTES)
    expect(plan.bytes).toBeLessThan(4.2 * PART_BYTES)
    const before = await sentByBoth()
    // Each changed tensor is a read of its own. The third one stands still.
    const stalled = stallAfter(digest, [undefined, undefined])
    await deploy(version)
    await stalled
    // Two unchanged and one changed tensor, at least.
    await until(async () => (await partBytes(DEVICE, digest)) > 3 * PART_BYTES)
    const { sender, other, sent } = await senderSince(before)
    await end(sender)
    bucket.fault = () => undefined
    await serves(other, DEVICE, version)
    const [fetched] = await eventsOf(`${DEVICE}.log`, 'delta_fetched', digest)
    expect(fetched?.receivedBytes).toBeLessThan(plan.bytes)
    expect(Number(fetched?.copiedBytes)).toBeGreaterThan(3.8 * PART_BYTES)
    expect(sent).toBeGreaterThan(PART_BYTES)
    const rest = (await sentBy(other)) - before[other]
    expect(rest).toBeGreaterThan(PART_BYTES)
    expect(rest + sent).toBeLessThan(plan.bytes)
    expect(await eventsOf(`${DEVICE}.log`, 'delta_unused', digest)).toEqual([])
    // The hub that planned has made the index, and the other one reads it.
    expect(await builtBy(1, digest)).toBe(0)
    await pair.restart(sender)
  }

  test('a hub is killed in the middle of a fetch, and the device goes on at the other with the bytes it has', {
    timeout: SLOW,
  }, async () => {
    const first = await push(modelOf(FIRST).bytes)
    await deploy(first)
    await serves(0, DEVICE, first)
    await expectGoesOn((sender) => pair.hubs[sender].kill(), SECOND)
  })

  test('a hub that is stopped in the middle of a fetch costs no more', { timeout: SLOW }, async () => {
    await expectGoesOn((sender) => pair.hubs[sender].stop(), THIRD)
  })

  /** The index of a file from one of the hubs, as a device gets it. */
  async function openDevice() {
    const { token } = await pair.clientOf(0).token.create({ site: SITE.name })
    const joined = await joinFleet(
      { tokens: [token], nameOf: () => 'sim-reader', inventoryOf: simulatedInventory, count: 1, onJoined: () => {} },
      AbortSignal.timeout(PATIENCE_MS),
    )
    const [member] = joined.ok ? joined.members : []
    if (!joined.ok || !member) throw new Error('the device could not join')
    const { certificate, privateKey } = member
    const credentials = { certificatePem: certificate, privateKeyPem: privateKey }
    const client = openHttpsClient({ authorities: [joined.ca], credentials })
    return {
      trustedKeys: joined.trustedKeys,
      async indexAt(hub: number, digest: Digest): Promise<Buffer> {
        const url = `${pair.urlOf(hub)}/v1/blobs/${digest}/chunks`
        const answer = await client.send({ url }, AbortSignal.timeout(PATIENCE_MS))
        if (!answer.ok) throw new Error(answer.message)
        expect(answer.status).toBe(200)
        return Buffer.concat(await answer.stream.toArray())
      },
      [Symbol.dispose]: () => client[Symbol.dispose](),
    }
  }

  test('hubs that make an index at the same time make the same one, and none makes it again', {
    timeout: SLOW,
  }, async () => {
    using device = await openDevice()
    const { bytes, digest } = modelOf(numbersFrom(21))
    await push(bytes)
    let looks = 0
    bucket.fault = (request) => {
      const { method, url } = request
      if (method === 'HEAD' && url.includes(`chunks-1-${hexOf(digest)}`)) looks += 1
      // No hub reads the file before both have found that there is no index.
      return isReadOf(digest, request) && looks < 2 ? 'cut' : undefined
    }
    const [first, second] = await Promise.all([device.indexAt(0, digest), device.indexAt(1, digest)])
    expect(await Promise.all([builtBy(0, digest), builtBy(1, digest)])).toEqual([1, 1])
    expect(contentOf(first)).toEqual(contentOf(second))
    const { trustedKeys } = device
    for (const index of [first, second]) {
      const opened = openSignedIndex(index, { blob: digest, sizeBytes: bytes.length, trustedKeys })
      expect(opened).toMatchObject({ ok: true })
    }
    await pair.hubs[0].stop()
    await pair.restart(0)
    expect(contentOf(await device.indexAt(0, digest))).toEqual(contentOf(first))
    expect(await builtBy(0, digest)).toBe(1)
  })

  test('a cache of the site goes on at the other hub, and its neighbour fetches from the cache', {
    timeout: SLOW,
  }, async () => {
    const address = `127.0.0.1:${await freePort()}`
    const words = { site: SITE, device: CACHE, folder: pair.folder, options: ['--site-cache', address] }
    await using cache = await startAgent(pair.hubs[0], words)
    await cache.waitFor('site_cache_listens')
    const settings = { settings: `site:${SITE.name}`, spec: { siteCaches: [`${CACHE}=${address}`] } }
    await pair.clientOf(0).settings.set(settings)
    for (const device of [DEVICE, CACHE]) {
      await until(async () => (await pair.clientOf(0).settings.ofDevice({ device })).state === 'current')
    }
    // The cache has the version before, too.
    await serves(0, CACHE, await servedVersion())
    const { bytes, digest } = modelOf(numbersFrom(41))
    const version = await push(bytes)
    // The plan makes the index, so the next read of the file is for the cache.
    await planOf(version)
    const before = await sentByBoth()
    const stalled = stallAfter(digest, ['half'])
    await deploy(version)
    await stalled
    await until(async () => (await partBytes(CACHE, digest)) > PART_BYTES)
    const { sender, other, sent } = await senderSince(before)
    await pair.hubs[sender].kill()
    bucket.fault = () => undefined
    for (const device of [DEVICE, CACHE]) await serves(other, device, version)
    expect(await eventsOf(`${DEVICE}.log`, 'site_cache_fetched', digest)).toMatchObject([{ isFetched: true }])
    expect(sent).toBeGreaterThan(PART_BYTES)
    const all = sent + (await sentBy(other)) - before[other]
    expect(all).toBeGreaterThan(bytes.length * 0.8)
    expect(all).toBeLessThan(bytes.length * 1.1)
    await pair.restart(sender)
  })

  async function servedVersion(): Promise<number> {
    const { items } = await pair.clientOf(0).device.get({ device: DEVICE })
    const version = items[0]?.serving?.version
    if (version === undefined) throw new Error('the device serves nothing')
    return version
  }
})
