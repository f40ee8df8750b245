/** Three keepers in one process, with real certificates, sockets and disks. Only `ip` is a fake. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PairsDocument } from '@skerry/contract/held/pairs'
import { PairId } from '@skerry/contract/values/ids'
import { GUARD_MS } from '@skerry/core/pairs/vote'
import { certifyDevice, createAuthority } from '@skerry/platform/certificates/certificate-authority'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { openHttpsClient } from '@skerry/platform/network/https-client'
import { systemClock } from '@skerry/platform/process/clock'
import { bootMs, type Lease } from '@skerry/platform/process/lease-gate'
import type { Log } from '@skerry/platform/process/log'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createConditions } from '../conditions.ts'
import type { Identity } from '../joining/identity.ts'
import { openPairKeeper, type PairKeeper } from './pair-keeper.ts'
import { openVoteBox } from './vote-box.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const PAIR = PairId.parse('pair_aaaaaaaa')
const NAMES = ['a', 'b', 'w'] as const
type Name = (typeof NAMES)[number]

type Device = {
  name: Name
  id: string
  data: string
  port: number
  keys: ReturnType<typeof generateKeyPair>
  certificate: string
  addresses: Set<string>
  lease: Lease | undefined
  isFit: boolean
  conditions: ReturnType<typeof createConditions>
  keeper: PairKeeper | undefined
}

let folder: string
let site: Record<Name, Device>

async function makeDevice(name: Name): Promise<Device> {
  const id = `dev_${name.repeat(8)}`
  const authority = await createAuthority({ commonName: id, nowMs: Date.now() })
  const keys = generateKeyPair()
  const about = { publicKeyPem: keys.publicKeyPem, deviceId: id, organisationId: 'org_1', nowMs: Date.now() }
  return {
    ...{ name, id, keys, data: mkdtempSync(join(folder, name)), port: await freePort() },
    certificate: await certifyDevice(authority, about),
    addresses: new Set(),
    lease: undefined,
    isFit: true,
    conditions: createConditions(log, () => {}),
    keeper: undefined,
  }
}

const documentFor = ({ id }: Device, order?: { turn: number; to: string }): PairsDocument => {
  const [a, b, witness] = NAMES.map((name) => ({
    ...{ device: site[name].id, name, key: hashPublicKey(site[name].keys.publicKeyPem) },
    door: `127.0.0.1:${site[name].port}`,
  }))
  const pair = { pair: PAIR, name: 'line', members: [a, b], witness, address: '10.0.0.50/24', interface: 'eth0' }
  const revision = `sha256:${String(order?.turn ?? 0).repeat(64)}`
  return PairsDocument.parse({ v: 1, deviceId: id, revision, pairs: [{ ...pair, ...(order && { switch: order }) }] })
}

async function start(device: Device): Promise<PairKeeper> {
  const keeper = await openPairKeeper({
    ...{ fileSystem: nodeFileSystem, clock: systemClock, random: Math.random, log },
    ...{ data: device.data, conditions: device.conditions },
    door: { host: '127.0.0.1', port: device.port },
    async run(program, [, verb = '', address = '']) {
      if (program !== 'ip') throw new Error(`${program}: the program is not installed`)
      if (verb === 'replace') device.addresses.add(address)
      else if (!device.addresses.delete(address)) throw new Error('Error: ipv4: Address not found.')
      return ''
    },
    isFit: () => device.isFit,
    onLease: (lease) => {
      device.lease = lease
    },
    onTurn: async () => true,
  })
  device.keeper = keeper
  keeper.use({ certificate: device.certificate } as Identity, device.keys.privateKeyPem)
  return keeper
}

const startAll = () => Promise.all(NAMES.map(async (name) => (await start(site[name])).take(documentFor(site[name]))))

async function end(device: Device): Promise<void> {
  await device.keeper?.[Symbol.asyncDispose]()
  device.keeper = undefined
}

const isActive = ({ keeper }: Device) => keeper?.mayAct() === true

const becomesActive = (name: Name) => until(() => isActive(site[name]), { what: `${name} to be active` })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-pair-unit-'))
  site = { a: await makeDevice('a'), b: await makeDevice('b'), w: await makeDevice('w') }
})
afterEach(async () => {
  await Promise.all(Object.values(site).map(end))
  rmSync(folder, { recursive: true, force: true })
})

test('the first one is active, the other one takes over, and a planned switch gives it back', async () => {
  const { a, b, w } = site
  await startAll()
  await becomesActive('a')
  await until(() => a.addresses.has('10.0.0.50/24'))
  expect(isActive(b)).toBe(false)
  expect(b.keeper?.lease()).toMatchObject({ untilMs: 0 })
  expect(b.addresses.size).toBe(0)
  expect(w.keeper?.mayAct()).toBe(true)
  await until(() => w.keeper?.held().pairs[0]?.epoch === a.keeper?.held().pairs[0]?.epoch)

  const diedMs = performance.now()
  await end(a)
  expect(a.addresses.size).toBe(0)
  await becomesActive('b')
  expect(performance.now() - diedMs).toBeLessThan(5_000)
  const { epoch = 0 } = b.lease ?? {}
  expect(b.keeper?.held().pairs[0]).toMatchObject({ role: 'active', reason: 'lost' })

  await start(a)
  await until(() => a.keeper?.held().pairs[0]?.epoch === epoch, { what: 'a to follow' })
  expect(isActive(a)).toBe(false)
  for (const device of [a, b, w]) await device.keeper?.take(documentFor(device, { turn: 1, to: a.id }))
  await becomesActive('a')
  expect(isActive(b)).toBe(false)
  expect(a.keeper?.held().pairs[0]).toMatchObject({ role: 'active', reason: 'switched' })
  expect(b.keeper?.held().pairs[0]?.doneTurn).toBe(1)
})

test('a lone member never becomes active, and gets its equipment back when the pair ends', async () => {
  const { a } = site
  await (await start(a)).take(documentFor(a))
  const untilMs = bootMs() + 2 * GUARD_MS
  await until(() => {
    expect(isActive(a)).toBe(false)
    return bootMs() > untilMs
  })
  await a.keeper?.take({ ...documentFor(a), pairs: [] })
  expect(isActive(a)).toBe(true)
  expect(a.lease).toBeUndefined()
})

test('a stranger with a certificate of its own gets no vote, nor does the witness', async () => {
  const { a, w } = site
  await (await start(a)).take(documentFor(a))
  const url = `https://127.0.0.1:${a.port}/v1/pairs/${PAIR}/ballot`
  await until(() => a.conditions.list().every(({ code }) => code !== 'pair_door_closed'))
  const stranger = generateKeyPair()
  const authority = await createAuthority({ commonName: 'other', nowMs: Date.now() })
  const about = { deviceId: 'dev_other', organisationId: 'org_1', nowMs: Date.now() }
  const certificate = await certifyDevice(authority, { ...about, publicKeyPem: stranger.publicKeyPem })
  for (const [certificatePem, privateKeyPem] of [
    [certificate, stranger.privateKeyPem],
    [w.certificate, w.keys.privateKeyPem],
  ] as const) {
    using client = openHttpsClient({
      serverKey: hashPublicKey(a.keys.publicKeyPem),
      credentials: { certificatePem, privateKeyPem },
    })
    const body = { kind: 'grant', epoch: 9 }
    const asked = () => client.sendJson({ method: 'POST', url, body }, AbortSignal.timeout(5_000))
    const answer = await until(async () => {
      const got = await asked()
      return got.ok || got.code !== 'server_unreachable' ? got : undefined
    })
    expect(answer).toMatchObject({ ok: false, status: 403 })
  }
})

test('a vote is on the disk before it counts, and survives a restart with its guard', async () => {
  const { a } = site
  const open = (nowMs: number) => openVoteBox({ fileSystem: nodeFileSystem, data: a.data, bootMs: () => nowMs, log })
  const box = await open(10_000)
  const early = { kind: 'grant', candidate: 'b', epoch: 1 } as const
  // It may have granted to another before its start.
  expect(await box.judge(PAIR, early)).toMatchObject({ isGranted: false })
  const later = await open(10_000)
  expect(existsSync(join(a.data, 'pair-votes.json'))).toBe(false)
  const free = await openVoteBox({ fileSystem: nodeFileSystem, data: a.data, bootMs: advancing(10_000), log })
  expect(await free.judge(PAIR, early)).toMatchObject({ isGranted: true, epoch: 1 })
  expect(readFileSync(join(a.data, 'pair-votes.json'), 'utf8')).toContain('"holder":"b"')
  expect(later.vote(PAIR).epoch).toBe(0)
  const again = await open(50_000)
  expect(await again.judge(PAIR, { kind: 'grant', candidate: 'a', epoch: 2 })).toMatchObject({ isGranted: false })
  expect(await again.judge(PAIR, { kind: 'grant', candidate: 'b', epoch: 2 })).toMatchObject({ isGranted: true })
})

/** The first call is the start of the box. */
function advancing(startMs: number): () => number {
  let calls = 0
  return () => startMs + (calls++ === 0 ? 0 : 2 * GUARD_MS)
}

test('a device whose record of its pairs is damaged touches no equipment', async () => {
  const { a } = site
  writeFileSync(join(a.data, 'pairs.json'), '{"v":1,')
  await start(a)
  expect(isActive(a)).toBe(false)
  expect(a.keeper?.lease()).toEqual({ untilMs: 0, epoch: 0 })
  expect(a.conditions.list().map(({ code }) => code)).toContain('pairs_damaged')
  await a.keeper?.take({ ...documentFor(a), pairs: [] })
  expect(isActive(a)).toBe(true)
})
