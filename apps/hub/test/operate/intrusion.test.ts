/** Intrusion detection against real attacks on a real hub: each rule by what it is for, none by what people do all day. */
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alerts } from '@skerry/contract/alerts/alert'
import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recordSuppressed } from '../../src/background.ts'
import { detectIntrusions } from '../../src/intrusion/detection.ts'
import { newPerson, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, makeToken, openLink, reportOf, type TestDevice } from '../stage/test-device.ts'
import { newTestJournal } from '../stage/test-journal.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub
let ticksMs = 0
let vendor: string[] = []
beforeEach(async () => {
  // No two looks at the clock show the same: what must be one instant is.
  let lookMs = Date.now()
  const monotonicMs = () => systemClock.monotonicMs() + ticksMs
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => ++lookMs, monotonicMs } })
})
afterEach(() => hub[Symbol.asyncDispose]())

async function found(status = 'open'): Promise<Intrusion[]> {
  await detectIntrusions(hub.hub)
  const { rows } = (await hub.ask<{ rows: Intrusion[] }>('GET', `/v1/intrusions?status=${status}`)).body
  return rows
}
const rulesFound = async () => (await found()).map(({ rule }) => rule)

const newKey = async (name: string, role: string) =>
  (await hub.ask<{ secret: string; key: { id: string } }>('POST', '/v1/keys', { body: { name, role } })).body

const set = (rule: string, body: object) => hub.ask('PUT', '/v1/intrusion-rules', { body: { rule, ...body } })

/** What a viewer may not do, one after the other. */
const FORBIDDEN = [
  ['DELETE', '/v1/sites/oslo'],
  ['DELETE', '/v1/devices/pump'],
  ['DELETE', '/v1/models/wear'],
  ['DELETE', '/v1/deployments/wear'],
  ['POST', '/v1/audit/checkpoints'],
  ['DELETE', '/v1/keys/key_abcdefgh'],
  ['POST', '/v1/join-tokens'],
] as const

async function probe(key: string, times: number = FORBIDDEN.length): Promise<void> {
  for (const [method, path] of FORBIDDEN.slice(0, times)) await hub.ask(method, path, { key, body: {} })
}

/** From another address of this machine. */
function askFrom(localAddress: string, key: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const headers = { authorization: `Bearer ${key}` }
  const options = { method: 'DELETE', headers, localAddress, ca: hub.hub.config.caPem, agent: false as const }
  const outgoing = request(`${hub.url}/v1/sites/nowhere`, options, (answer) => {
    answer.resume()
    answer.on('end', () => resolve(answer.statusCode))
  })
  outgoing.on('error', reject)
  outgoing.end()
  return promise
}

async function shareCertificate(device: TestDevice): Promise<void> {
  using original = await openLink(hub, device)
  await original.client.report(reportOf())
  await expect(openLink(hub, device)).rejects.toThrow('device_duplicated')
}

const attacks: Record<string, () => Promise<unknown>> = {
  async key_guessing() {
    const wrong = `${hub.ownerKey.slice(0, -8)}AAAAAAAA`
    for (let count = 0; count < 40; count++) await hub.ask('GET', '/v1/me', { key: wrong })
    // A guesser is slowed down by address; behind many of them it is the count that tells.
    const { id } = (await hub.ask<{ id: string }>('GET', '/v1/me')).body
    const { id: organisationId } = await hub.hub.store.db
      .selectFrom('organisations')
      .select('id')
      .executeTakeFirstOrThrow()
    for (let count = 0; count < 20; count++)
      hub.hub.auditLimiter.count(organisationId, { kind: 'key', id, name: 'owner' })
    await recordSuppressed(hub.hub, 'all')
  },
  async sign_in_guessing() {
    await newPerson(hub, 'ada@plant.example', 'editor')
    for (let count = 0; count < 6; count++)
      await signIn(hub, 'ada@plant.example', { password: `guess number ${count}` })
  },
  async permission_probing() {
    await probe((await newKey('press', 'viewer')).secret)
  },
  async object_probing() {
    const { secret } = await newKey('ci', 'supervisor')
    for (let count = 0; count < 20; count++)
      await hub.ask('POST', `/v1/devices/device-${count}/resume`, { key: secret, body: { reason: 'x' } })
  },
  async many_places() {
    const { secret } = await newKey('roaming', 'supervisor')
    for (const last of [2, 3, 4, 5, 6]) await askFrom(`127.0.0.${last}`, secret)
  },
  async mass_change() {
    for (let count = 0; count < 24; count++) await hub.ask('PUT', `/v1/sites/site-${count}`, { body: { kind: 'edge' } })
    for (let count = 0; count < 24; count++) await hub.ask('DELETE', `/v1/sites/site-${count}`)
  },
  async new_administrator() {
    await newKey('helper', 'administrator')
  },
  async certificate_shared() {
    await shareCertificate(await joinDevice(hub, { name: 'pump' }))
  },
  async untrusted_push() {
    const { secret } = await newKey('ci', 'editor')
    const { publicKeyPem } = generateKeyPair()
    const added = await hub.ask<{ keyId: string }>('POST', '/v1/signing-keys', {
      body: { name: 'vendor', publicKeyPem },
    })
    const keys = added.status === 200 ? [added.body.keyId] : vendor
    vendor = keys
    await hub.ask('PUT', '/v1/trust', { body: { rules: [{ models: 'press-*', keys }] } })
    for (let count = 0; count < 4; count++) {
      const pushed = await push(hub, `press-${count}`, modelBytes(unary('Relu')), { key: secret })
      expect(pushed.body).toMatchObject({ code: 'version_untrusted' })
    }
  },
  async clock_tampering() {
    const device = await joinDevice(hub, { name: 'pump' }).catch(() => joinDevice(hub))
    using link = await openLink(hub, device)
    // To and fro, a minute and more apart, as far as the hub's own clock can tell; and past the end of its certificate.
    for (const days of [0, -30, 0, 400, 0, -90]) {
      ticksMs += 61_000
      await link.client.report({ ...reportOf(), atMs: Date.now() + days * 86_400_000 })
    }
  },
  async journal_broken() {
    const device = await joinDevice(hub, { name: 'valve' })
    using link = await openLink(hub, device)
    const journal = newTestJournal(device)
    await link.client.journal(journal.pageOf([1, 2, 4]))
  },
}

/** One rule about keys, one about devices and one about a journal; the tests of core hold all of them against records. */
const QUICK_RULES = ['permission_probing', 'certificate_shared', 'journal_broken']

describe.each(Object.entries(attacks))('%s', (rule, attack) => {
  const tier = QUICK_RULES.includes(rule) ? {} : deep('each rule by its attack; three of them are quick')
  test('fires, once, and is an alert', tier, async () => {
    await attack()
    expect(await rulesFound()).toEqual([rule])
    await attack().catch(() => undefined)
    const again = await found()
    expect(again.filter((each) => each.rule === rule).length).toBeLessThanOrEqual(2)
    const { alerts } = (await hub.ask<Alerts>('GET', '/v1/alerts')).body
    expect(alerts.filter(({ code }) => code === 'intrusion_suspected').length).toBeGreaterThanOrEqual(1)
    const [record] = (await hub.ask<{ rows: unknown[] }>('GET', '/v1/audit?action=intrusion.found')).body.rows
    expect(record).toMatchObject({ actor: { kind: 'hub' }, detail: { rule } })
    expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true })
  })
})

test('a day of normal work fires nothing', async () => {
  const device = await joinDevice(hub, { name: 'pump' })
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  // A gateway without a battery learns the time once.
  await link.client.report({ ...reportOf(), atMs: 86_400_000 })
  await link.client.report(reportOf())
  for (const site of ['oslo', 'bergen', 'berlin']) await hub.ask('PUT', `/v1/sites/${site}`, { body: { kind: 'edge' } })
  await hub.ask('DELETE', '/v1/sites/bergen')
  await makeToken(hub, { site: 'oslo' })
  const { secret } = await newKey('dashboard', 'viewer')
  for (let count = 0; count < 30; count++) await hub.ask('GET', '/v1/devices', { key: secret })
  // A script that tries the same thing again and again is wrong, but looks for nothing.
  for (let count = 0; count < 20; count++) await hub.ask('DELETE', '/v1/sites/oslo', { key: secret })
  await hub.ask('DELETE', '/v1/sites/nowhere')
  await newPerson(hub, 'ada@plant.example', 'editor')
  await signIn(hub, 'ada@plant.example', { password: 'not that one' })
  await signIn(hub, 'ada@plant.example')
  expect(await rulesFound()).toEqual([])
})

test('a dry run says what it would have done; switched on, the key is locked at once, and can be unlocked', async () => {
  const first = await newKey('first', 'viewer')
  await probe(first.secret)
  expect(await found()).toMatchObject([
    { subject: { name: 'first' }, response: { state: 'would', action: 'lock-key' } },
  ])
  expect(await hub.ask('GET', '/v1/me', { key: first.secret })).toMatchObject({ status: 200 })
  await set('permission_probing', { response: 'on' })
  const permissions = ['fleet.read', 'organisation.write']
  expect((await hub.ask('POST', '/v1/roles', { body: { name: 'above', permissions } })).status).toBe(200)
  const second = await newKey('second', 'above')
  await probe(second.secret)
  const [finding] = await found()
  expect(finding).toMatchObject({ subject: { name: 'second' }, response: { state: 'done' } })
  expect(await hub.ask('GET', '/v1/me', { key: second.secret })).toMatchObject({ status: 401 })
  const undo = (key?: string) =>
    hub.ask('POST', `/v1/intrusions/${finding?.id}/undo`, { body: { reason: 'our own test' }, ...(key && { key }) })
  // An administrator does not give back what goes beyond the own role.
  const { secret } = await newKey('adam', 'administrator')
  expect(await undo(secret)).toMatchObject({ status: 403, body: { code: 'role_refused' } })
  expect(await undo()).toMatchObject({ status: 200, body: { response: { state: 'undone' } } })
  expect(await hub.ask('GET', '/v1/me', { key: second.secret })).toMatchObject({ status: 200 })
  expect(await undo()).toMatchObject({ status: 409, body: { code: 'intrusion_nothing_done' } })
})

test('an owner is never locked out', deep('48 changes by one key; the lock of a key is quick'), async () => {
  await set('mass_change', { response: 'on' })
  await attacks.mass_change?.()
  expect(await found()).toMatchObject([{ rule: 'mass_change', response: { state: 'refused' } }])
  expect(await hub.ask('GET', '/v1/me')).toMatchObject({ status: 200 })
})

test('a device whose certificate is in two places goes into quarantine, and out of it', async () => {
  await set('certificate_shared', { response: 'on' })
  await attacks.certificate_shared?.()
  const [finding] = await found()
  expect(finding).toMatchObject({ response: { state: 'done', action: 'quarantine-device' } })
  const status = async () => (await hub.ask<{ status: string }>('GET', '/v1/devices/pump')).body.status
  expect(await status()).toBe('quarantined')
  await hub.ask('POST', `/v1/intrusions/${finding?.id}/undo`, { body: { reason: 'a spare part' } })
  expect(await status()).toBe('active')
})

test('what was dismissed is counted anew; a threshold is the organisation’s own; a rule that is off finds nothing', async () => {
  const { secret } = await newKey('press', 'viewer')
  await probe(secret)
  const [finding] = await found()
  const dismiss = () =>
    hub.ask('POST', `/v1/intrusions/${finding?.id}/dismiss`, { body: { reason: 'a new colleague' } })
  expect(await dismiss()).toMatchObject({ status: 200, body: { status: 'dismissed', closed: { by: 'owner' } } })
  expect(await dismiss()).toMatchObject({ status: 409, body: { code: 'intrusion_closed' } })
  await probe(secret, 3)
  expect(await found()).toEqual([])
  await set('permission_probing', { threshold: 3 })
  await probe(secret, 4)
  expect(await rulesFound()).toEqual(['permission_probing'])
  expect(await found('dismissed')).toHaveLength(1)
  await set('permission_probing', { isOn: false })
  await probe((await newKey('other', 'viewer')).secret)
  expect(await found()).toHaveLength(1)
})

test(
  'half an attack before a restart and half of it after are one',
  deep('two more hubs; an attack within one life is quick'),
  async () => {
    const data = await mkdtemp(join(tmpdir(), 'skerry-intrusion-'))
    try {
      const other = hub
      hub = await startTestHub({ data })
      const { secret } = await newKey('press', 'viewer')
      await probe(secret, 3)
      expect(await found()).toEqual([])
      await hub[Symbol.asyncDispose]()
      hub = await startTestHub({ data, ownerKey: hub.ownerKey })
      await probe(secret)
      expect(await rulesFound()).toEqual(['permission_probing'])
      await hub[Symbol.asyncDispose]()
      hub = other
    } finally {
      await rm(data, { recursive: true, force: true })
    }
  },
)
