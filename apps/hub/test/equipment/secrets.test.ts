import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SecretsDocument, sealedFor, sealInfo } from '@skerry/contract/held/secrets'
import type { Secret } from '@skerry/contract/secrets/secret'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { openHpkeRecipient } from '@skerry/platform/sealing/hpke'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { VaultError } from '../../src/encryption/vault-error.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, listenHeld, openLink, reportOf, type TestDevice } from '../stage/test-device.ts'

let hub: TestHub
let device: TestDevice

beforeAll(async () => {
  hub = await startTestHub()
  device = await joinDevice(hub, { name: 'gateway-7' })
})
afterAll(() => hub[Symbol.asyncDispose]())

const base64 = (text: string) => Buffer.from(text).toString('base64')

const set = (name: string, value: string, scope?: string) =>
  hub.ask<Secret>('POST', '/v1/secrets', { body: { name, value: base64(value), ...(scope && { scope }) } })

/** The device's stream, and what it gets opened. */
async function listen(held?: SecretsDocument['revision'], who = device) {
  const link = await openLink(hub, who)
  await link.client.report(reportOf())
  const stream = await listenHeld(link.client, 'secrets', held === undefined ? {} : { revision: held })
  return {
    client: link.client,
    async next() {
      const { value } = await stream.next()
      return value as SecretsDocument
    },
    [Symbol.dispose]: () => link[Symbol.dispose](),
  }
}

async function opened(document: SecretsDocument, privateKey = device.privateKeyPem): Promise<Record<string, string>> {
  const encapsulated = Buffer.from(document.encapsulated, 'base64')
  const recipient = await openHpkeRecipient({ privateKey, encapsulated, info: sealInfo(document) })
  const values: Record<string, string> = {}
  for (const { name, version, sealed } of document.secrets) {
    const value = await recipient?.open(Buffer.from(sealed, 'base64'), sealedFor({ name, version }))
    if (!value) throw new Error(`${name} does not open`)
    values[name] = value.toString()
  }
  return values
}

test('a device gets what is most specific of each name, sealed to its own key, and hears of each change', async () => {
  await set('plc', 'of all')
  await set('plc', 'of berlin', 'site:berlin')
  await set('token', 'of all')
  using listening = await listen()
  const first = await listening.next()
  expect(await opened(first)).toEqual({ plc: 'of berlin', token: 'of all' })
  const own = await set('plc', 'of the gateway', 'device:gateway-7')
  expect(own.body).toMatchObject({ name: 'plc', scope: 'device:gateway-7', version: 1, sizeBytes: 14 })
  const second = await listening.next()
  expect(await opened(second)).toEqual({ plc: 'of the gateway', token: 'of all' })
  await expect(opened(second, generateKeyPair().privateKeyPem)).rejects.toThrow('does not open')
  await set('elsewhere', 'no', 'site:berlin')
  expect(await opened(await listening.next())).toMatchObject({ elsewhere: 'no' })
  await hub.ask('DELETE', `/v1/secrets/${own.body.id}`)
  expect(await opened(await listening.next())).toMatchObject({ plc: 'of berlin' })
})

test('what a device says that it holds is what people are shown, and is not sent again', async () => {
  const about = async () => (await hub.ask<{ state: string }>('GET', '/v1/devices/gateway-7/secrets')).body
  using listening = await listen()
  const document = await listening.next()
  expect(await about()).toMatchObject({ state: 'behind' })
  await listening.client.held({ name: 'secrets', held: { revision: document.revision } })
  expect(await about()).toMatchObject({ state: 'current' })
  listening[Symbol.dispose]()
  using again = await listen(document.revision)
  await set('later', 'x')
  expect(Object.keys(await opened(await again.next()))).toContain('later')
  expect(await about()).toMatchObject({ state: 'behind' })
})

test('a device of another site, and one that waits for approval, get nothing of it', async () => {
  await set('only', 'berlin', 'site:berlin')
  const other = await joinDevice(hub, { site: 'oslo', name: 'oslo-1' })
  using listening = await listen(undefined, other)
  expect(Object.keys(await opened(await listening.next(), other.privateKeyPem))).not.toContain('only')
})

test('no answer, record, log line or row holds a value', async () => {
  const value = `planted-${randomBytes(12).toString('hex')}`
  const made = await set('planted', value, 'site:berlin')
  await hub.ask('POST', '/v1/secrets', { body: { name: 'planted', value: base64(value), scope: 'site:nowhere' } })
  await hub.ask('POST', '/v1/secrets', { body: { name: '.bad', value: base64(value), surplus: value } })
  const answers = [made.text]
  for (const path of [
    '/v1/secrets',
    `/v1/secrets/${made.body.id}`,
    '/v1/devices/gateway-7/secrets',
    '/v1/audit?limit=500',
  ]) {
    answers.push((await hub.ask('GET', path)).text)
  }
  answers.push(JSON.stringify(hub.log))
  for (const table of ['secrets', 'secret_versions', 'audit_records', 'data_keys', 'device_secrets'] as const) {
    answers.push(JSON.stringify(await hub.hub.store.db.selectFrom(table).selectAll().execute()))
  }
  for (const spelling of [value, base64(value), Buffer.from(value).toString('hex')]) {
    expect(answers.filter((text) => text.includes(spelling))).toEqual([])
  }
  const audit = await hub.ask<{ rows: unknown[] }>(
    'GET',
    '/v1/audit?action=secret.set&result=ok&newestFirst=true&limit=1',
  )
  expect(audit.body.rows[0]).toMatchObject({
    object: { kind: 'secret', id: 'site:berlin/planted' },
    detail: { version: 1, sizeBytes: value.length },
  })
})

test('a viewer may not see even names, and what does not exist is not to be set', async () => {
  const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
  expect((await hub.ask('GET', '/v1/secrets', { key: body.secret })).body).toMatchObject({ code: 'permission_denied' })
  expect((await set('x', 'y', 'site:atlantis')).body).toMatchObject({ code: 'site_unknown' })
  expect((await set('x', 'y', 'device:atlantis')).body).toMatchObject({ code: 'device_unknown' })
  expect((await set('../x', 'y')).body).toMatchObject({ code: 'input_invalid' })
})

test('64 secrets, or 192 KiB, are full', async () => {
  await hub.ask('PUT', '/v1/sites/full', { body: { kind: 'edge' } })
  await hub.ask('PUT', '/v1/sites/large', { body: { kind: 'edge' } })
  for (let number = 0; number < 64; number++) expect((await set(`s${number}`, 'x', 'site:full')).status).toBe(200)
  expect((await set('one-more', 'x', 'site:full')).body).toMatchObject({ code: 'secrets_full' })
  expect((await set('s1', 'again', 'site:full')).body).toMatchObject({ version: 2 })
  for (const name of ['a', 'b', 'c']) expect((await set(name, 'x'.repeat(65_536), 'site:large')).status).toBe(200)
  expect((await set('d', 'x', 'site:large')).body).toMatchObject({ code: 'secrets_full' })
  expect((await set('a', 'x'.repeat(65_537), 'site:large')).body).toMatchObject({ code: 'input_invalid' })
})

test('secrets go with their site', async () => {
  const { body } = await set('s0', 'x', 'site:full')
  expect((await hub.ask('DELETE', '/v1/sites/full')).status).toBe(200)
  expect((await hub.ask('GET', `/v1/secrets/${body.id}`)).body).toMatchObject({ code: 'secret_unknown' })
})

test('a rekey takes the key that was put in front, and everything opens as before, also without the old key', async () => {
  const path = join(hub.data, 'encryption-key')
  using listening = await listen()
  const before = await opened(await listening.next())
  const rows = () => hub.hub.store.db.selectFrom('secrets').select(['id', 'value']).orderBy('id').execute()
  const old = await readFile(path, 'utf8')
  const values = await rows()
  const fresh = randomBytes(32).toString('base64')
  await writeFile(path, `${fresh}\n${old}`)
  const done = await hub.ask<{ secrets: number; encryptionKey: string }>('POST', '/v1/secrets/rekey', { body: {} })
  expect(done.body).toMatchObject({ secrets: values.length })
  const after = await rows()
  for (const [index, { value }] of after.entries()) expect(value).not.toBe(values[index]?.value)
  expect(await hub.hub.store.db.selectFrom('data_keys').select('key_id').execute()).toEqual([
    { key_id: done.body.encryptionKey },
  ])
  await writeFile(path, fresh)
  expect((await hub.hub.vault.reread()).ok).toBe(true)
  listening[Symbol.dispose]()
  using again = await listen()
  expect(await opened(await again.next())).toEqual(before)
  await writeFile(path, 'no key')
  expect((await hub.ask('POST', '/v1/secrets/rekey', { body: {} })).body).toMatchObject({
    code: 'encryption_key_unavailable',
  })
  await writeFile(path, fresh)
})

test('a ciphertext that was put in the place of another does not open', async () => {
  const one = (await set('one', 'first')).body
  const other = (await set('other', 'second')).body
  const { store, vault } = hub.hub
  const row = await store.db.selectFrom('secrets').selectAll().where('id', '=', other.id).executeTakeFirstOrThrow()
  const place = (id: string) => ({ organisationId: row.organisation_id, kind: 'secret', id }) as const
  expect((await vault.open(store.db, place(`${other.id}/1`), row.value)).toString()).toBe('second')
  for (const id of [`${one.id}/1`, `${other.id}/2`]) {
    await expect(vault.open(store.db, place(id), row.value)).rejects.toThrow(VaultError)
  }
})

test('a hub without its key, with another, or with one that others can read does not start', async () => {
  const first = await startTestHub({ data: await mkdtemp(join(tmpdir(), 'skerry-hub-')) })
  const path = join(first.data, 'encryption-key')
  await first.ask('POST', '/v1/secrets', { body: { name: 'plc', value: base64('x') } })
  await first[Symbol.asyncDispose]()
  const start = () => startTestHub({ data: first.data, ownerKey: first.ownerKey })
  const key = await readFile(path, 'utf8')
  await chmod(path, 0o644)
  await expect(start()).rejects.toThrow('can be read by other users (mode 0644)')
  await chmod(path, 0o600)
  await writeFile(path, randomBytes(32).toString('base64'))
  await expect(start()).rejects.toThrow('the database is encrypted under the key')
  await rm(path)
  await expect(start()).rejects.toThrow('holds no key; restore it from its backup')
  await writeFile(path, key, { mode: 0o600 })
  await using again = await start()
  expect((await again.ask('GET', '/v1/secrets')).status).toBe(200)
  await rm(first.data, { recursive: true })
})

test('a hub that encrypts nothing starts without a key, and takes secrets when it is given one', async () => {
  const first = await startTestHub({ data: await mkdtemp(join(tmpdir(), 'skerry-hub-')) })
  const path = join(first.data, 'encryption-key')
  await first[Symbol.asyncDispose]()
  await rm(path)
  await using again = await startTestHub({ data: first.data, ownerKey: first.ownerKey })
  const put = () => again.ask('POST', '/v1/secrets', { body: { name: 'plc', value: base64('x') } })
  expect((await put()).body).toMatchObject({ code: 'encryption_key_unavailable' })
  expect(again.log.find(({ event }) => event === 'encryption_key_missing')).toBeDefined()
  await writeFile(path, randomBytes(32).toString('base64'), { mode: 0o600 })
  expect((await again.ask('POST', '/v1/secrets/rekey', { body: {} })).status).toBe(200)
  expect((await put()).status).toBe(200)
  await rm(first.data, { recursive: true })
})
