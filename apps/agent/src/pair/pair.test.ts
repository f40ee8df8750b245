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
  /** An address that a person has set. */
  permanent: string | undefined
  lease: Lease | undefined
  isFit: boolean
  /** Whether its operator allows pairs. */
  isOpen: boolean
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
    name,
    id,
    keys,
    data: mkdtempSync(join(folder, name)),
    port: await freePort(),
    certificate: await certifyDevice(authority, about),
    addresses: new Set(),
    permanent: undefined,
    lease: undefined,
    isFit: true,
    isOpen: true,
    conditions: createConditions(log, () => {}),
    keeper: undefined,
  }
}

const documentFor = ({ id }: Device, order?: { turn: number; to: string }): PairsDocument => {
  const [a, b, witness] = NAMES.map((name) => ({
    device: site[name].id,
    name,
    key: hashPublicKey(site[name].keys.publicKeyPem),
    door: `127.0.0.1:${site[name].port}`,
  }))
  const pair = { pair: PAIR, name: 'line', members: [a, b], witness, address: '10.0.0.50/24', interface: 'eth0' }
  const revision = `sha256:${String(order?.turn ?? 0).repeat(64)}`
  return PairsDocument.parse({ v: 1, deviceId: id, revision, pairs: [{ ...pair, ...(order && { switch: order }) }] })
}

async function start(device: Device): Promise<PairKeeper> {
  const keeper = await openPairKeeper({
    fileSystem: nodeFileSystem,
    clock: systemClock,
    random: Math.random,
    log,
    data: device.data,
    conditions: device.conditions,
    door: device.isOpen ? { host: '127.0.0.1', port: device.port } : undefined,
    async run(program, [, verb = '', address = '']) {
      if (program !== 'ip') throw new Error(`${program}: the program is not installed`)
      if (verb === 'address') return JSON.stringify(shownOn(device))
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

const shownOn = ({ permanent, addresses }: Device) => [
  {
    ifname: 'eth0',
    addr_info: [
      ...(permanent === undefined ? [] : [{ local: permanent, valid_life_time: 4_294_967_295 }]),
      ...[...addresses].map((address) => ({ local: address.split('/')[0], valid_life_time: 2 })),
    ],
  },
]

const startAll = () => Promise.all(NAMES.map(async (name) => (await start(site[name])).take(documentFor(site[name]))))

async function end(device: Device): Promise<void> {
  await device.keeper?.[Symbol.asyncDispose]()
  device.keeper = undefined
}

const isActive = ({ keeper }: Device) => keeper?.mayAct() === true

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-pair-unit-'))
  site = { a: await makeDevice('a'), b: await makeDevice('b'), w: await makeDevice('w') }
})
afterEach(async () => {
  await Promise.all(Object.values(site).map(end))
  rmSync(folder, { recursive: true, force: true })
})

test('one is active, the other one takes over, and a planned switch gives it back', async () => {
  const { a, b, w } = site
  await startAll()
  // The first member is only preferred: on a busy machine the other one may be elected.
  await until(() => isActive(a) || isActive(b), { what: 'one of them to be active' })
  const [first, other] = isActive(a) ? [a, b] : [b, a]
  await until(() => first.addresses.has('10.0.0.50/24'))
  expect(isActive(other)).toBe(false)
  expect(other.keeper?.lease()).toMatchObject({ untilMs: 0 })
  expect(other.addresses.size).toBe(0)
  expect(w.keeper?.mayAct()).toBe(true)
  const epochOf = ({ keeper }: Device) => keeper?.held().pairs[0]?.epoch
  await until(() => [other, w].every((device) => epochOf(device) === epochOf(first)), { what: 'all to know it' })

  await end(first)
  expect(first.addresses.size).toBe(0)
  await until(() => isActive(other), { what: 'the other one to take over' })
  const { epoch = 0 } = other.lease ?? {}
  expect(other.keeper?.held().pairs[0]).toMatchObject({ role: 'active', reason: 'lost' })

  await start(first)
  await until(() => (first.keeper?.held().pairs[0]?.epoch ?? 0) >= epoch, { what: 'the first one to follow' })
  expect(isActive(first)).toBe(false)
  for (const device of [a, b, w]) await device.keeper?.take(documentFor(device, { turn: 1, to: first.id }))
  await until(() => isActive(first), { what: 'the switch' })
  expect(isActive(other)).toBe(false)
  expect(first.keeper?.held().pairs[0]).toMatchObject({ role: 'active', reason: 'switched' })
  expect(other.keeper?.held().pairs[0]?.doneTurn).toBe(1)
})

test('a lone member never becomes active, and gets its equipment back when the pair ends', async () => {
  const { a } = site
  await (await start(a)).take(documentFor(a))
  const untilMs = bootMs() + 2 * GUARD_MS
  await until(() => {
    expect(isActive(a)).toBe(false)
    return bootMs() > untilMs
  })
  // A hub that was restored from an older backup does not know the pair. Then both members would write.
  await a.keeper?.take({ ...documentFor(a), pairs: [] })
  expect(isActive(a)).toBe(false)
  const codes = () => a.conditions.list().map(({ code }) => code)
  expect(codes()).toContain('pair_missing')
  await end(a)
  await start(a)
  expect(isActive(a)).toBe(false)
  await until(() => codes().includes('pair_missing'), { what: 'the condition after a restart' })
  await a.keeper?.take({ ...documentFor(a), pairs: [], ended: [PAIR] })
  expect(isActive(a)).toBe(true)
  expect(a.lease).toBeUndefined()
  expect(codes()).not.toContain('pair_missing')
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
    [w.certificate, w.keys.privateKeyPem],
    [certificate, stranger.privateKeyPem],
  ] as const) {
    using client = openHttpsClient({
      serverKey: hashPublicKey(a.keys.publicKeyPem),
      credentials: { certificatePem, privateKeyPem },
    })
    const body = { kind: 'grant', epoch: 9 }
    const asked = () => client.sendJson({ method: 'POST', url, body }, AbortSignal.timeout(5_000))
    const answer = await until(async () => {
      const got = await asked()
      // The door is open as soon as it has answered the witness.
      return got.ok || got.code !== 'server_unreachable' || certificatePem === certificate ? got : undefined
    })
    // The stranger does not get beyond its handshake.
    const isKnown = certificatePem === w.certificate
    expect(answer).toMatchObject(isKnown ? { ok: false, status: 403 } : { ok: false, code: 'server_unreachable' })
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
  // The hub compares revisions. Without one it would send a device without pairs nothing.
  expect(a.keeper?.held().revision).toMatch(/^sha256:0{64}$/)
  await a.keeper?.take({ ...documentFor(a, { turn: 1, to: a.id }), pairs: [] })
  expect(isActive(a)).toBe(true)
  expect(a.keeper?.held().revision).toMatch(/^sha256:1{64}$/)
})

test('a member whose agent was started without a door stays passive, and touches no address', async () => {
  const { a } = site
  a.isOpen = false
  a.addresses.add('10.0.0.50/24')
  const keeper = await start(a)
  await keeper.take(documentFor(a))
  expect(a.conditions.list().map(({ code }) => code)).toContain('pair_not_allowed')
  expect(isActive(a)).toBe(false)
  expect(keeper.lease()).toEqual({ untilMs: 0, epoch: 0 })
  expect(keeper.held()).toMatchObject({ pairs: [{ role: 'passive' }] })
  await end(a)
  expect([...a.addresses]).toEqual(['10.0.0.50/24'])
})

test('a kept vote that cannot be read does not cost the others', async () => {
  const { a } = site
  const votes = [
    { pair: 'none', epoch: -1 },
    { pair: PAIR, epoch: 7, holder: 'b' },
  ]
  writeFileSync(join(a.data, 'pair-votes.json'), JSON.stringify({ v: 1, votes }))
  const box = await openVoteBox({ fileSystem: nodeFileSystem, data: a.data, bootMs: () => 10_000, log })
  expect(box.vote(PAIR)).toMatchObject({ epoch: 7, holder: 'b' })
  await box.abandon(PAIR, { candidate: 'b', epoch: 7 })
  expect(await box.judge(PAIR, { kind: 'grant', candidate: 'a', epoch: 7 })).toMatchObject({ isGranted: true })
})

test('an address that a person has set on the device is neither removed nor replaced', async () => {
  const members = [site.a, site.b]
  for (const device of members) {
    device.permanent = '10.0.0.50'
    device.addresses.add('left')
  }
  await startAll()
  const failed = ({ conditions }: Device) => conditions.list().find(({ code }) => code === 'pair_address_failed')
  await until(() => members.every(failed), { what: 'both conditions' })
  expect(failed(site.a)?.message).toContain('10.0.0.50 is an own address of this device on eth0')
  await until(() => members.some(isActive), { what: 'one of them to be active' })
  expect(members.map(({ addresses }) => [...addresses])).toEqual([['left'], ['left']])
  for (const device of members) {
    device.permanent = undefined
    device.addresses.add('10.0.0.50/24')
  }
  await until(() => members.every((device) => !failed(device)), { what: 'the address to be free' })
  await until(() => members.filter(({ addresses }) => addresses.has('10.0.0.50/24')).length === 1)
})

test('a barred device loses the lease and its vote, and the other two go on', async () => {
  const { b, w } = site
  await startAll()
  await until(() => isActive(site.a) || isActive(b), { what: 'an active one' })
  const [holder, other] = isActive(b) ? [b, site.a] : [site.a, b]
  const barred = (device: Device): PairsDocument => {
    const document = documentFor(device)
    const pairs = document.pairs.map((order) => {
      const [first, second] = order.members.map((peer) => ({ ...peer, barred: peer.device === holder.id }))
      return { ...order, members: [first, second] }
    })
    return PairsDocument.parse({ ...document, pairs })
  }
  // The barred device itself gets no document any more.
  for (const device of [other, w]) await device.keeper?.take(barred(device))
  await until(() => isActive(other), { what: 'the other one to be active' })
  expect(isActive(holder)).toBe(false)
  expect(other.keeper?.held().pairs[0]?.unreached).toContain(holder.name)
})
