/** The restore section of docs/running.md, rehearsed; and databases beside model files that are not theirs. */
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { collectBlobs } from '../../src/blobs/blob-collection.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { type StartOptions, startTestHub, type TestHub } from '../stage/running-hub.ts'
import { S3_CREDENTIALS, type S3Server, startS3Server } from '../stage/servers/s3-server.ts'
import { askToJoin, joinDevice, makeApplicant, makeToken } from '../stage/test-device.ts'
import { modelBytes, push, unary, upload } from '../stage/test-model.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let data: string
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'skerry-restore-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

/** Without the database, as after a lost or mistaken file. */
async function loseDatabase(): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(join(data, `hub.sqlite${suffix}`), { force: true })
}

/** What `sqlite3 hub.sqlite ".backup FILE"` gives of a hub that runs. */
function backUp(): string {
  const copy = join(data, 'backup.sqlite')
  const database = new DatabaseSync(join(data, 'hub.sqlite'))
  database.exec(`vacuum into '${copy}'`)
  database.close()
  return copy
}

const statusOf = async (hub: TestHub, digest: string) => (await hub.ask('GET', `/v1/blobs/${digest}`)).status
const filesIn = async ({ hub }: TestHub) => {
  const digests: string[] = []
  for await (const { digest } of hub.blobs.list(hub.signal)) digests.push(digest)
  return digests.sort()
}
const fileAlerts = async (hub: TestHub) => {
  const { body } = await hub.ask<{ alerts: { code: string; count: number }[] }>('GET', '/v1/alerts')
  return body.alerts.filter(({ code }) => code.startsWith('hub_files')).map(({ code, count }) => ({ code, count }))
}

type Key = { secret: string; key: { id: string } }
const makeKey = async (hub: TestHub, name: string) =>
  (await hub.ask<Key>('POST', '/v1/keys', { body: { name, role: 'viewer' } })).body
const meOf = async (hub: TestHub, key: string) => (await hub.ask<{ code?: string }>('GET', '/v1/me', { key })).body.code

let server: S3Server
beforeAll(async () => {
  Object.assign(process.env, S3_CREDENTIALS)
  server = await startS3Server()
})
afterAll(() => server[Symbol.asyncDispose]())

let prefixes = 0
const places: Record<string, () => StartOptions> = {
  folder: () => ({}),
  bucket: () => {
    prefixes += 1
    return { s3: { ...server.location, prefix: `plant-${prefixes}/` } }
  },
}

describe.each(Object.keys(places))('model files in a %s', (name) => {
  let place: StartOptions
  beforeEach(() => {
    place = places[name]?.() ?? {}
  })
  const start = (options: StartOptions = {}) => startTestHub({ data, ...place, ...options })

  test('an empty database beside them is refused, with the way out; adopted on purpose, it removes none of them', async () => {
    const bytes = randomBytes(100)
    {
      await using hub = await start()
      await upload(hub, bytes)
    }
    await loseDatabase()
    await expect(start()).rejects.toThrow(/belong to the database dbs_.*restore the backup.*--adopt-blobs/)
    let nowMs = Date.now()
    const clock = { ...systemClock, nowMs: () => nowMs }
    await using hub = await start({ files: { isAdoptingBlobs: true }, clock })
    for (let hour = 0; hour < 3; hour += 1) {
      nowMs += 30 * DAY_MS
      await collectBlobs(hub.hub)
    }
    expect(await filesIn(hub)).toEqual([digestOf(bytes)])
    expect(await fileAlerts(hub)).toEqual([{ code: 'hub_files_unknown', count: 1 }])
    expect(hub.log).toContainEqual(expect.objectContaining({ event: 'blobs_unknown', kept: 1 }))
  })

  test('files without any ledger, none of which the database knows, are refused as well', async () => {
    {
      await using hub = await start()
      await upload(hub, randomBytes(100))
    }
    await loseDatabase()
    if (place.s3) await rm(server.fileOf('ledger.json').replace('/plant/', `/${place.s3.prefix}`))
    else await rm(join(data, 'blobs', 'ledger.json'))
    await expect(start()).rejects.toThrow('belong to an unknown database')
  })

  test('files that another database takes over while the hub runs are swept no more', async () => {
    let nowMs = Date.now()
    await using hub = await start({ clock: { ...systemClock, nowMs: () => nowMs } })
    const { blobs, signal } = hub.hub
    const read = async () => JSON.parse(String((await blobs.readNote('ledger.json', signal)) ?? '{}'))
    // The start of the hub writes the first ledger, and its keeper the second.
    await until(async () => (await read()).sequence >= 2)
    const ledger = { databaseId: 'dbs_aaaaaaaaaaaaaaaa', sequence: 1, writtenAtMs: nowMs, ended: {} }
    await blobs.writeNote('ledger.json', Buffer.from(JSON.stringify(ledger)), signal)
    const loose = await upload(hub, randomBytes(100))
    nowMs += 30 * DAY_MS
    expect(await collectBlobs(hub.hub)).toBe(0)
    expect(await statusOf(hub, loose)).toBe(200)
    expect(await fileAlerts(hub)).toEqual([{ code: 'hub_files_foreign', count: 1 }])
    // The keeper of the ledger claims the files after each change: it leaves the ledger of their new owner as it is.
    const claims = () => hub.log.filter(({ event }) => event === 'database_stranger').length
    const before = claims()
    hub.hub.bus.publish('everything.changed', '')
    await until(() => claims() > before)
    expect(await read()).toEqual(ledger)
  })
})

test('after a restore of an older database nothing that ended comes back, and no file that was pushed since goes', async () => {
  let aheadMs = 0
  const clock = { ...systemClock, nowMs: () => Date.now() + aheadMs }
  const old = modelBytes(unary('Relu'))
  const younger = modelBytes(unary('Sigmoid'))
  const backup = join(data, 'backup.sqlite')
  const kept = await startTestHub({ data, clock })
  await push(kept, 'anomaly', old)
  const used = await makeKey(kept, 'used')
  const stolen = await makeKey(kept, 'stolen')
  const gone = await joinDevice(kept)
  const removed = await joinDevice(kept)
  const well = await joinDevice(kept)
  const spent = await makeToken(kept, { usesMax: 1 })
  const revoked = await makeToken(kept)
  const formerKey = await otherOrganisation(kept, 'former')
  const cookie = await signIn(kept)
  // An upload that no version refers to yet, when the backup is made.
  await upload(kept, younger)
  backUp()

  await push(kept, 'anomaly', younger)
  await kept.ask('POST', `/v1/keys/${stolen.key.id}/revoke`, { body: {} })
  await kept.ask('POST', `/v1/devices/${gone.name}/revoke`, { body: { reason: 'stolen' } })
  await kept.ask('DELETE', `/v1/devices/${removed.name}`)
  expect((await askToJoin(kept, spent.secret, await makeApplicant())).status).toBe(200)
  await kept.ask('POST', `/v1/join-tokens/${revoked.id}/revoke`, { body: {} })
  await removeOrganisation(kept, 'former')
  await kept[Symbol.asyncDispose]()
  await loseDatabase()
  await cp(backup, join(data, 'hub.sqlite'))

  await using hub = await startTestHub({ data, clock, ownerKey: kept.ownerKey })
  expect(hub.log).toContainEqual(
    expect.objectContaining({ event: 'database_restored', keys: 1, devices: 2, tokens: 2, organisations: 1 }),
  )
  expect([await meOf(hub, used.secret), await meOf(hub, stolen.secret)]).toEqual([undefined, 'key_invalid'])
  expect((await hub.ask('GET', '/v1/me', { key: formerKey })).status).toBeGreaterThanOrEqual(400)
  const read = (device: typeof gone) =>
    hub.ask<{ code?: string }>('GET', `/v1/blobs/${digestOf(old)}`, { key: null, certificate: device })
  expect([(await read(gone)).body.code, (await read(removed)).body.code, (await read(well)).status]).toEqual([
    'device_revoked',
    'device_revoked',
    200,
  ])
  for (const { secret } of [spent, revoked]) {
    expect((await askToJoin(hub, secret, await makeApplicant())).status).toBeGreaterThanOrEqual(400)
  }
  expect((await hub.ask('GET', '/v1/me', { key: null, headers: { ...OWN_PAGE, cookie } })).status).toBe(401)

  for (let week = 0; week < 3; week += 1) {
    aheadMs += 8 * DAY_MS
    await collectBlobs(hub.hub)
  }
  expect(await filesIn(hub)).toEqual([digestOf(old), digestOf(younger)].sort())
  expect(await fileAlerts(hub)).toEqual([{ code: 'hub_files_unknown', count: 1 }])
  // Pushed again, the file is known again, and the alert is over.
  expect((await push(hub, 'anomaly', younger)).status).toBe(200)
  await collectBlobs(hub.hub)
  expect(await fileAlerts(hub)).toEqual([])
})

/** As an operator removes it: closed, and then removed by and by. */
async function removeOrganisation({ hub: { store, bus, clock } }: TestHub, name: string): Promise<void> {
  const ended = { disabled_at_ms: clock.nowMs(), removed_at_ms: clock.nowMs() }
  const { id } = await store.transaction((tx) =>
    tx.updateTable('organisations').set(ended).where('name', '=', name).returning('id').executeTakeFirstOrThrow(),
  )
  bus.publish('organisation.changed', id)
}

/** How the console's page asks. */
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' }

async function signIn(hub: TestHub): Promise<string> {
  const answer = await hub.ask('POST', '/v1/session', { key: null, body: { key: hub.ownerKey }, headers: OWN_PAGE })
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
  expect((await hub.ask('GET', '/v1/me', { key: null, headers: { ...OWN_PAGE, cookie } })).status).toBe(200)
  return cookie
}

test('a quarantine that a person ended, and a hub that only restarts, change nothing', async () => {
  const first = await startTestHub({ data })
  const device = await joinDevice(first)
  await first.ask('POST', `/v1/devices/${device.name}/quarantine`, { body: { reason: 'test' } })
  await first[Symbol.asyncDispose]()
  const second = await startTestHub({ data, ownerKey: first.ownerKey })
  await second.ask('POST', `/v1/devices/${device.name}/release`, { body: { reason: 'test' } })
  await second[Symbol.asyncDispose]()
  await using third = await startTestHub({ data, ownerKey: first.ownerKey })
  const shown = await third.ask<{ status: string }>('GET', `/v1/devices/${device.name}`)
  expect(shown.body.status).toBe('active')
  expect(third.log.filter(({ event }) => event === 'database_restored')).toEqual([])
})

test('a damaged ledger is named, and the hub does not start without it', async () => {
  await (await startTestHub({ data }))[Symbol.asyncDispose]()
  const path = join(data, 'blobs', 'ledger.json')
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.slice(0, -5))
  await expect(startTestHub({ data })).rejects.toThrow(/ledger\.json in .* is damaged.*--adopt-blobs/)
})
