import { Digest } from '@skerry/contract/values/digest'
import { DeploymentId } from '@skerry/contract/values/ids'
import { createAuthority, issueDeviceCertificate } from '@skerry/platform/certificates/certificate-authority'
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issueDocument } from '../../src/link/issued-store.ts'
import type { LinkConnection } from '../../src/link/link-connection.ts'
import { pingAll } from '../../src/link/ping.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../stage/test-device.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const digest = (letter: string) => Digest.parse(`sha256:${letter.repeat(64)}`)

async function issue({ id }: TestDevice, letter: string) {
  const { store, clock, bus } = hub.hub
  const issued = await store.transaction((tx) =>
    issueDocument(tx, { deviceId: id, items: [], digest: digest(letter), nowMs: clock.nowMs() }),
  )
  bus.publish('desired.changed', id)
  return issued.generation
}

const statusOf = async ({ name }: TestDevice) =>
  (await hub.ask<{ status: string; conditions: { code: string }[]; liveness: string }>('GET', `/v1/devices/${name}`))
    .body

test('a device reports, and receives each newer intent', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  expect((await link.client.report(reportOf())).generation).toBe(0)
  expect(await statusOf(device)).toMatchObject({ liveness: 'online', status: 'active' })
  const desired = await link.client.desired({})
  const first = desired.next()
  expect(await issue(device, 'a')).toBe(1)
  expect((await first).value).toMatchObject({ generation: 1, digest: digest('a'), deviceId: device.id })
  const second = desired.next()
  expect(await issue(device, 'a')).toBe(1)
  expect(await issue(device, 'b')).toBe(2)
  expect((await second).value).toMatchObject({ generation: 2, digest: digest('b') })
})

test('an outdated device gets the newest document at once, and a current one gets none', async () => {
  const device = await joinDevice(hub)
  await issue(device, 'a')
  await issue(device, 'b')
  using link = await openLink(hub, device)
  await link.client.report(reportOf({ observedGeneration: 1, observedDigest: digest('a') }))
  expect((await (await link.client.desired({})).next()).value).toMatchObject({ generation: 2 })
  await link.client.report(reportOf({ observedGeneration: 2, observedDigest: digest('b') }))
  const next = (await link.client.desired({})).next()
  await issue(device, 'c')
  expect((await next).value).toMatchObject({ generation: 3 })
})

test('a device gets no desired state before its first report', async () => {
  using link = await openLink(hub, await joinDevice(hub))
  await expect((async () => (await link.client.desired({})).next())()).rejects.toMatchObject({ code: 'input_invalid' })
})

test('a hub restored from a backup never steers a device until a person resumes it', async () => {
  const device = await joinDevice(hub)
  await issue(device, 'a')
  using link = await openLink(hub, device)
  // The device has followed 5 documents, and this hub knows one of them.
  const ahead = reportOf({ observedGeneration: 5, observedDigest: digest('e') })
  await link.client.report(ahead)
  const paused = await statusOf(device)
  expect(paused.status).toBe('conflict-paused')
  expect(paused.conditions.map(({ code }) => code)).toContain('generation_conflict')
  const next = (await link.client.desired({})).next()
  await issue(device, 'b')
  await link.client.report(ahead)
  const resumed = await hub.ask('POST', `/v1/devices/${device.name}/resume`, { body: { reason: 'checked' } })
  expect(resumed.body).toMatchObject({ status: 'active' })
  await link.client.report(ahead)
  expect((await statusOf(device)).status).toBe('active')
  expect((await next).value).toMatchObject({ generation: 6 })
})

test('the same generation with other content is a conflict', async () => {
  const device = await joinDevice(hub)
  await issue(device, 'a')
  using link = await openLink(hub, device)
  await link.client.report(reportOf({ observedGeneration: 1, observedDigest: digest('f') }))
  expect((await statusOf(device)).status).toBe('conflict-paused')
})

test('the hub names a wrong clock', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf({ atMs: Date.now() - 3_600_000 }))
  expect((await statusOf(device)).conditions).toMatchObject([{ code: 'clock_wrong' }])
})

test('a revoked device is notified over the open link, and rejected at its next connection', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const waiting = expect((await link.client.desired({})).next()).rejects.toMatchObject({ code: 'device_revoked' })
  await hub.ask('POST', `/v1/devices/${device.name}/revoke`, { body: { reason: 'stolen' } })
  await waiting
  await expect(link.client.report(reportOf())).rejects.toThrow()
  expect(await link.closed).toEqual({ code: 4403, reason: 'device_revoked' })
  await expect(openLink(hub, device)).rejects.toThrow('device_revoked')
})

test('a silent device is disconnected when it is revoked or removed', async () => {
  const revoked = await joinDevice(hub)
  const removed = await joinDevice(hub)
  using first = await openLink(hub, revoked)
  using second = await openLink(hub, removed)
  await hub.ask('POST', `/v1/devices/${revoked.name}/revoke`, { body: { reason: 'stolen' } })
  await hub.ask('DELETE', `/v1/devices/${removed.name}`)
  for (const { closed } of [first, second]) expect(await closed).toEqual({ code: 4403, reason: 'device_revoked' })
})

test('the hub accepts reports of a quarantined device and offers it nothing, also over the open link, until it is released', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const next = (await link.client.desired({})).next()
  const change = (verb: string) =>
    hub.ask('POST', `/v1/devices/${device.name}/${verb}`, { body: { reason: 'a stranger was at it' } })
  expect((await change('quarantine')).body).toMatchObject({ status: 'quarantined' })
  expect((await change('quarantine')).body).toMatchObject({ code: 'device_status_refused' })
  await issue(device, 'a')
  await link.client.report(reportOf())
  expect(await statusOf(device)).toMatchObject({ status: 'quarantined', health: 'quarantined', liveness: 'online' })
  // The later document proves it: the stream would have sent the first document before it.
  await issue(device, 'b')
  expect((await change('release')).body).toMatchObject({ status: 'active' })
  expect((await next).value).toMatchObject({ generation: 2, digest: digest('b') })
})

test('a release from quarantine resolves no conflict: a device that follows an unknown document stays paused', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const change = (verb: string) => hub.ask('POST', `/v1/devices/${device.name}/${verb}`, { body: { reason: 'looks' } })
  await change('quarantine')
  await link.client.report(reportOf({ observedGeneration: 5, observedDigest: digest('e') }))
  expect(await statusOf(device)).toMatchObject({ status: 'quarantined' })
  expect((await change('release')).body).toMatchObject({ status: 'conflict-paused' })
})

test('a device reconnects with a ticket, and a revoked one cannot', async () => {
  const device = await joinDevice(hub)
  const resumed = async () => (await hub.hub.metrics.linkResumptions.get()).values[0]?.value ?? 0
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const ticket = link.ticket()
  expect(ticket).toBeDefined()
  const before = await resumed()
  link.socket.terminate()
  using again = await openLink(hub, device, ticket)
  await again.client.report(reportOf())
  expect(await resumed()).toBe(before + 1)
  await hub.ask('POST', `/v1/devices/${device.name}/revoke`, { body: { reason: 'stolen' } })
  await expect(openLink(hub, device, ticket)).rejects.toThrow('device_revoked')
})

test('a connection without a certificate, or with that of a stranger, is rejected', async () => {
  await expect(openLink(hub)).rejects.toThrow('certificate_missing')
  const device = await joinDevice(hub)
  const { privateKeyPem } = generateKeyPair()
  const csr = await createCertificateRequest(privateKeyPem)
  const stranger = await createAuthority({ commonName: 'stranger', nowMs: Date.now() })
  const subject = { requestPem: csr, deviceId: device.id, organisationId: 'org_aaaaaaaa', nowMs: Date.now() }
  const forged = await issueDeviceCertificate(stranger, subject)
  const otherKey = await issueDeviceCertificate(hub.hub.authorities.active().credentials, subject)
  const old = await issueDeviceCertificate(hub.hub.authorities.active().credentials, {
    ...subject,
    requestPem: await createCertificateRequest(device.privateKeyPem),
    nowMs: Date.now() - 86_400_000,
    lifeMs: 3_600_000,
  })
  for (const [issued, key, code] of [
    [forged, privateKeyPem, 'certificate_invalid'],
    [otherKey, privateKeyPem, 'certificate_invalid'],
    [old, device.privateKeyPem, 'certificate_lapsed'],
  ] as const) {
    if (!issued.ok) throw new Error(issued.message)
    const shown = { certificatePem: issued.certificatePem, privateKeyPem: key }
    await expect(openLink(hub, shown)).rejects.toThrow(code)
  }
})

test('a certificate is renewed for the same key only, and the old one stays valid', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  const { certificate } = await link.client.renew({ csr: await createCertificateRequest(device.privateKeyPem) })
  link.socket.terminate()
  using renewed = await openLink(hub, { certificatePem: certificate, privateKeyPem: device.privateKeyPem })
  await renewed.client.report(reportOf())
  renewed.socket.terminate()
  using old = await openLink(hub, device)
  await old.client.report(reportOf())
  const foreign = await createCertificateRequest(generateKeyPair().privateKeyPem)
  await expect(old.client.renew({ csr: foreign })).rejects.toMatchObject({ code: 'csr_invalid' })
})

test('a newer connection of the device replaces an older one that no longer answers', async () => {
  const device = await joinDevice(hub)
  using older = await openLink(hub, device)
  older.socket.pause()
  using newer = await openLink(hub, device)
  older.socket.resume()
  expect(await older.closed).toEqual({ code: 4409, reason: 'replaced' })
  expect((await newer.client.report(reportOf())).generation).toBe(0)
})

test.each<[string, (socket: import('ws').WebSocket) => void, number]>([
  ['invalid JSON', (socket) => socket.send('{nonsense'), 4400],
  ['JSON of another kind', (socket) => socket.send('[]'), 4400],
  ['binary', (socket) => socket.send(Buffer.from([1, 2, 3])), 4400],
  ['a message over the limit', (socket) => socket.send('x'.repeat(2 ** 20 + 1)), 1009],
])('a device that sends %s is disconnected, and no other device notices', async (_, misbehave, code) => {
  using good = await openLink(hub, await joinDevice(hub))
  using bad = await openLink(hub, await joinDevice(hub))
  misbehave(bad.socket)
  expect((await bad.closed).code).toBe(code)
  await good.client.report(reportOf())
})

test('a device with too many requests at once is disconnected', async () => {
  using link = await openLink(hub, await joinDevice(hub))
  const asked = Array.from({ length: 20 }, () => link.client.report(reportOf()))
  expect((await link.closed).code).toBe(4429)
  await Promise.allSettled(asked)
})

test('reports over the limit are rejected, and many at once are all stored', async () => {
  using link = await openLink(hub, await joinDevice(hub))
  const wrong = { ...reportOf(), items: 'none' } as unknown as ReturnType<typeof reportOf>
  await expect(link.client.report(wrong)).rejects.toMatchObject({ code: 'input_invalid' })
  const devices = await Promise.all(Array.from({ length: 10 }, () => joinDevice(hub)))
  const links = await Promise.all(devices.map((device) => openLink(hub, device)))
  await Promise.all(links.map(({ client }) => client.report(reportOf())))
  for (const device of devices) expect((await statusOf(device)).liveness).toBe('online')
  for (const each of links) each[Symbol.dispose]()
})

test('a report that cannot be stored delays no report of another device', async () => {
  const good = await joinDevice(hub)
  const bad = await joinDevice(hub)
  using goodLink = await openLink(hub, good)
  using badLink = await openLink(hub, bad)
  const change = (text: string) => hub.hub.store.transaction((tx) => sql.raw(text).execute(tx))
  const abort = "begin select raise(abort, 'cannot be stored'); end"
  await change(`create trigger bad_items before insert on device_items when new.device_id = '${bad.id}' ${abort}`)
  const item = {
    kind: 'model' as const,
    name: 'pump',
    deploymentId: DeploymentId.parse('dep_aaaaaaaa'),
    target: { revision: 1, version: 1, digest: digest('a'), retryToken: 0 },
    state: 'active' as const,
    sinceMs: 1,
  }
  const [heard, refused] = await Promise.allSettled([
    goodLink.client.report(reportOf({ items: [item] })),
    badLink.client.report(reportOf({ items: [item] })),
  ])
  await change('drop trigger bad_items')
  expect([heard.status, refused.status]).toEqual(['fulfilled', 'rejected'])
  const items = async (name: string) => (await hub.ask<{ items: unknown[] }>('GET', `/v1/devices/${name}`)).body.items
  expect([await items(good.name), await items(bad.name)]).toEqual([[item], []])
})

test('a device that does not answer a ping is disconnected at the next one', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  const calls: string[] = []
  const socket = {
    terminate: () => calls.push('terminate'),
    ping: () => calls.push('ping'),
    close: () => calls.push('close'),
  }
  const connection = { isAlive: true, socket, refusal: undefined } as unknown as LinkConnection
  pingAll([connection], 0)
  pingAll([connection], 1)
  expect(calls).toEqual(['ping', 'terminate'])
  // A real device answers by itself.
  link.socket.ping()
  await new Promise((resolve) => link.socket.once('pong', resolve))
})
