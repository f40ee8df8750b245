import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { SUM_HEADER, type SumPass, SumReport, SumState } from '@skerry/contract/campaigns/site-sum'
import { CACHE_PASS_HEADER } from '@skerry/contract/chunks/site-cache'
import type { Digest } from '@skerry/contract/values/digest'
import type { CampaignId, DeviceId } from '@skerry/contract/values/ids'
import { bytesOfWeights, weightsOfBytes } from '@skerry/core/campaigns/weights'
import { signSumPass } from '@skerry/platform/campaigns/sum-pass'
import { certifyDevice, createAuthority } from '@skerry/platform/certificates/certificate-authority'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { encodeCachePass } from '@skerry/platform/chunks/cache-pass'
import { digestOf } from '@skerry/platform/files/hash'
import { openHttpsClient } from '@skerry/platform/network/https-client'
import { systemClock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { HubDownload } from '../hub/hub-download.ts'
import type { Identity } from '../joining/identity.ts'
import { serveCache } from '../site-cache/cache-server.ts'
import type { CacheStore } from '../site-cache/cache-store.ts'
import { answerAboutSum } from './sum-answers.ts'
import { openSumDesk, type SumDeskDeps } from './sum-desk.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const conditions = { raise() {}, clear() {}, list: () => [] }
const signing = generateKeyPair()
const CAMPAIGN = `cmp_${'a'.repeat(20)}` as CampaignId
const ELEMENTS = 1_000

type Device = Awaited<ReturnType<typeof makeDevice>>
let gate: Device
let one: Device
let two: Device
let stop: AbortController
let serving: Promise<void>
let port: number
let sums: { report: SumReport; weights: Float32Array }[]
let answer: () => { status: number; body: object }

async function makeDevice(name: string) {
  const id = `dev_${createHash('sha256')
    .update(name)
    .digest('hex')
    .replace(/[^a-f2-7]/g, 'a')
    .slice(0, 20)}` as DeviceId
  // Another authority for each: neither side relies on one.
  const authority = await createAuthority({ commonName: id, nowMs: Date.now() })
  const keys = generateKeyPair()
  const about = { publicKeyPem: keys.publicKeyPem, deviceId: id, organisationId: 'org_1', nowMs: Date.now() }
  return { id, keys, certificate: await certifyDevice(authority, about), key: hashPublicKey(keys.publicKeyPem) }
}

beforeAll(async () => {
  gate = await makeDevice('gate')
  one = await makeDevice('one')
  two = await makeDevice('two')
})

beforeEach(async () => {
  stop = new AbortController()
  port = await freePort()
  sums = []
  answer = () => ({ status: 200, body: { counted: true } })
})

afterEach(async () => {
  stop.abort()
  await serving
})

/** The hub, as the aggregator sees it. */
const send: HubDownload['send'] = async ({ headers = {}, content }) => {
  const report = SumReport.parse(JSON.parse(Buffer.from(headers[SUM_HEADER] ?? '', 'base64url').toString()))
  const body = await buffer(content?.stream ?? Readable.from([]))
  const { status, body: said } = answer()
  if (status === 200) sums.push({ report, weights: weightsOfBytes(body, ELEMENTS) ?? new Float32Array() })
  const stream = Object.assign(Readable.from([Buffer.from(JSON.stringify(said))]), {})
  return { ok: true, status, headers: {}, stream: stream as never }
}

async function serve(more: Partial<SumDeskDeps> = {}): Promise<void> {
  const deps = { clock: systemClock, nowMs: Date.now, random: Math.random, log, signal: stop.signal }
  const desk = openSumDesk({ ...deps, send, memoryAvailableBytes: () => 1e9, ...more })
  const identity = { certificate: gate.certificate, trustedKeys: [signing.publicKeyPem] } as Identity
  let isListening = false
  const listening = { ...log, info: (event: string) => (isListening ||= event === 'site_cache_listens') }
  serving = serveCache(
    { listen: { host: '127.0.0.1', port }, bytesMax: 1 },
    {
      ...deps,
      log: listening as unknown as Log,
      store: {} as CacheStore,
      conditions,
      credentials: () => ({ identity, privateKey: gate.keys.privateKeyPem }),
      answerSum: (ground, request) => answerAboutSum({ ...ground, sums: desk }, request, stop.signal),
    },
    stop.signal,
  )
  await until(() => isListening)
}

const updateOf = (value: number) => Buffer.from(bytesOfWeights(new Float32Array(ELEMENTS).fill(value)))

const passOf = (device: Device, bytes: Uint8Array, more: Partial<SumPass> = {}): SumPass => ({
  v: 1,
  campaign: CAMPAIGN,
  round: 1,
  attempt: 1,
  device: device.id,
  deviceKey: device.key,
  aggregatorKey: gate.key,
  digest: digestOf(bytes) as Digest,
  form: 'weights',
  elements: ELEMENTS,
  weight: 1,
  expected: 2,
  sumByMs: Date.now() + 60_000,
  expiresAtMs: Date.now() + 65_000,
  ...more,
})

type Asking = { method?: 'PUT' | 'GET'; bytes?: Buffer; key?: typeof signing; round?: number }

/** The answer to a request of the device with the pass. */
async function ask(device: Device, pass: SumPass, { method = 'PUT', bytes, key = signing, round = 1 }: Asking) {
  const credentials = { certificatePem: device.certificate, privateKeyPem: device.keys.privateKeyPem }
  using client = openHttpsClient({ serverKey: gate.key, credentials })
  const found = await client.sendJson(
    {
      method,
      url: `https://127.0.0.1:${port}/v1/campaign-sums/${CAMPAIGN}/${round}/1`,
      headers: { [CACHE_PASS_HEADER]: encodeCachePass(signSumPass(pass, key)) },
      ...(bytes && { content: { length: bytes.byteLength, stream: Readable.from([bytes]) } }),
    },
    AbortSignal.timeout(20_000),
  )
  return found.ok ? SumState.parse(found.body) : { state: found.status, message: found.message }
}

const give = (device: Device, bytes: Buffer, more: Partial<SumPass> = {}, asking: Asking = {}) =>
  ask(device, passOf(device, bytes, more), { bytes, ...asking })

test('the sum of all expected updates goes to the hub once, weighed as the hub says', async () => {
  await serve()
  const [first, second] = [updateOf(1), updateOf(5)]
  expect(await give(one, first, { weight: 3 })).toEqual({ state: 'held' })
  // The answer got lost, and the device sends its update again.
  expect(await give(one, first, { weight: 3 })).toEqual({ state: 'held' })
  expect(sums).toEqual([])
  await give(two, second)
  await until(() => sums.length > 0)
  await until(async () => (await ask(one, passOf(one, first), { method: 'GET' })).state === 'counted')
  expect(sums).toHaveLength(1)
  expect(sums[0]?.report.updates).toEqual([
    { device: one.id, digest: digestOf(first) },
    { device: two.id, digest: digestOf(second) },
  ])
  expect(new Set(sums[0]?.weights)).toEqual(new Set([2]))
  expect(sums[0]?.report.digest).toBe(digestOf(bytesOfWeights(sums[0]?.weights ?? new Float32Array())))
  // A late update of a third device would not be part of the sum.
  expect(await give(gate, updateOf(9))).toMatchObject({ state: 'refused', message: expect.stringContaining('sent') })
})

test('a neighbour with a wrong pass, size, digest or value changes nothing, and neither does a replay', async () => {
  await serve()
  const good = updateOf(1)
  const nan = updateOf(Number.NaN)
  const refused = (part: string) => ({ message: expect.stringContaining(part) })
  expect(await give(one, good, {}, { key: generateKeyPair() })).toMatchObject({ state: 403, ...refused('signed') })
  expect(await ask(two, passOf(one, good), { bytes: good })).toMatchObject(refused('belongs to another device'))
  expect(await give(one, good, { aggregatorKey: two.key })).toMatchObject(refused('another aggregator'))
  expect(await give(one, good, {}, { round: 2 })).toMatchObject(refused('another round'))
  expect(await give(one, good, { expiresAtMs: Date.now() - 1 })).toMatchObject(refused('expired'))
  expect(await give(one, good, { elements: 1e8 })).toMatchObject(refused('too large'))
  expect(await ask(one, passOf(one, good), { bytes: good.subarray(4) })).toMatchObject(refused('too early'))
  expect(await ask(one, passOf(one, good), { bytes: updateOf(7) })).toMatchObject(refused('not those'))
  expect(await give(one, nan)).toMatchObject({ state: 'refused', ...refused('NaN') })
  expect(await ask(one, passOf(one, good), { method: 'GET' })).toEqual({ state: 'gone' })

  await give(one, good)
  expect(await give(one, updateOf(2))).toMatchObject(refused('another update of it'))
  expect(await give(two, updateOf(2), { elements: ELEMENTS - 1 })).toMatchObject(refused('another form'))
  await give(two, updateOf(3))
  await until(() => sums.length > 0)
  expect(new Set(sums[0]?.weights)).toEqual(new Set([2]))
  expect(sums[0]?.report.updates).toHaveLength(2)
})

test('a sum is sent at its time without the missing updates, and its devices hear that the hub refused it', async () => {
  answer = () => ({ status: 200, body: { counted: false, reason: 'one of them came by itself' } })
  await serve()
  const update = updateOf(1)
  await give(one, update, { expected: 5, sumByMs: Date.now() + 300 })
  const state = () => ask(one, passOf(one, update), { method: 'GET' })
  await until(async () => (await state()).state === 'refused')
  expect((await state()).message).toBe('one of them came by itself')
  expect(sums.map(({ report }) => report.updates.length)).toEqual([1])
})

test('a hub that fails gets the same sum again, and at last the devices are on their own', async () => {
  let failures = 0
  answer = () => ({ status: failures++ < 1 ? 503 : 200, body: { counted: true } })
  await serve()
  await give(one, updateOf(1), { expected: 1 })
  await until(() => sums.length === 1)
  answer = () => ({ status: 503, body: {} })
  const late = { round: 2, expected: 1, sumByMs: Date.now(), expiresAtMs: Date.now() + 2_000 }
  await give(two, updateOf(1), late, { round: 2 })
  const pass = passOf(two, updateOf(1), { round: 2 })
  await until(async () => (await ask(two, pass, { method: 'GET', round: 2 })).state === 'refused')
})

test('a device with little memory, or with sums of two campaigns, adds no further one', async () => {
  let memory = 20_000
  await serve({ memoryAvailableBytes: () => memory })
  expect(await give(one, updateOf(1))).toMatchObject({ message: expect.stringContaining('too little memory') })
  memory = 1e9
  for (const round of [1, 2]) expect(await give(one, updateOf(1), { round }, { round })).toEqual({ state: 'held' })
  expect(await give(one, updateOf(1), { round: 3 }, { round: 3 })).toMatchObject({
    message: expect.stringContaining('2 rounds already'),
  })
})
