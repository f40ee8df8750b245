/** The authority of devices changes while they go on: by one of the hub's own, or one that the customer's CA has made; and nobody is lost on the way. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Authority, AuthorityOverview } from '@skerry/contract/authorities/authority'
import { AuthoritiesMessage } from '@skerry/contract/held/authorities'
import { certificatePemsIn, fingerprintOf, isIssuedBy } from '@skerry/platform/certificates/certificate'
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { findPinnedAuthority } from '@skerry/platform/certificates/pinned-authority'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import {
  askToJoin,
  joinDevice,
  listenHeld,
  makeApplicant,
  makeToken,
  openLink,
  reportOf,
  type TestDevice,
} from '../stage/test-device.ts'

let hub: TestHub
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-authorities-'))
  await mkdir(join(folder, 'hub'))
  hub = await startTestHub({ data: join(folder, 'hub') })
})
afterEach(async () => {
  await hub[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const signal = () => AbortSignal.timeout(PATIENCE_MS)
const overview = async () => (await hub.ask<AuthorityOverview>('GET', '/v1/authorities')).body
const rotate = async (body: object = { withinSeconds: 0 }) =>
  (await hub.ask<Authority>('POST', '/v1/authorities/rotate', { body })).body
const retire = (id: string, force = false) =>
  hub.ask<Authority & { code?: string }>('POST', `/v1/authorities/${id}/retire`, { body: { force } })
const devicesOf = async (id: string) => (await overview()).authorities.find((each) => each.id === id)?.devices

const markOf = (ca: string) => createHash('sha256').update(ca).digest('hex')

/** One connection of a device that has these roots: what it hears, and the certificate that it gets where it is to renew. */
async function hear(device: TestDevice, ca: string) {
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const stream = await listenHeld(link.client, 'authorities', { held: markOf(ca) })
  const { roots, renewWithinMs } = AuthoritiesMessage.parse((await stream.next()).value)
  if (renewWithinMs === undefined) return { roots, certificate: undefined }
  const csr = await createCertificateRequest(device.privateKeyPem)
  return { roots, ...(await link.client.renew({ csr })) }
}

/** One connection of a device that has nothing to hear; it stays until the hub has seen what it shows. */
async function show(device: TestDevice, ca: string) {
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const stream = await listenHeld(link.client, 'authorities', { held: markOf(ca) })
  void stream.next().catch(() => {})
  await expect.poll(() => devicesOf('first')).toBe(0)
}

test('the next authority signs at once, the one before counts until nobody shows it; and the hub shows itself by the old one until then', async () => {
  const device = await joinDevice(hub)
  const first = hub.hub.config.caPem
  const next = await rotate()
  expect(next).toMatchObject({ state: 'active', kind: 'own' })
  expect((await overview()).authorities).toMatchObject([
    { id: 'first', state: 'trusted', devices: 1 },
    { id: next.id, state: 'active', devices: 0 },
  ])
  expect(hub.hub.config.caPem).toBe(first)
  const refused = await retire('first')
  expect(refused).toMatchObject({ status: 409, body: { code: 'authority_in_use' } })
  const { roots = '', certificate = '' } = await hear(device, first)
  expect(certificatePemsIn(roots)).toHaveLength(2)
  expect(isIssuedBy(certificate, next.chainPem ?? '')).toBe(true)
  // It may have lost both since: only what it shows counts.
  expect(await devicesOf('first')).toBe(1)
  const renewed = { ...device, certificatePem: certificate }
  await show(renewed, roots)
  expect((await retire('first')).body).toMatchObject({ state: 'retired' })
  expect(hub.hub.config.caFingerprint).toBe(next.fingerprint)
  await expect.poll(() => isIssuedBy(hub.hub.config.serverCertificatePem, next.chainPem ?? '')).toBe(true)
  expect((await hear(renewed, roots)).roots).toBe(next.chainPem)
  const found = await findPinnedAuthority({ url: hub.url, fingerprint: next.fingerprint ?? '' }, signal())
  expect(found).toMatchObject({ ok: true })
})

test('a device that does not say that it follows gets a certificate of the old one; forced retirement cuts it off at once', async () => {
  const device = await joinDevice(hub)
  await rotate()
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const csr = await createCertificateRequest(device.privateKeyPem)
  const { certificate } = await link.client.renew({ csr })
  expect(isIssuedBy(certificate, hub.hub.authorities.oldest().chain[0])).toBe(true)
  const ticket = link.ticket()
  expect((await retire('first', true)).status).toBe(200)
  expect((await link.closed).reason).toBe('certificate_invalid')
  const { active } = hub.hub.authorities
  await expect.poll(() => isIssuedBy(hub.hub.config.serverCertificatePem, active().chain[0])).toBe(true)
  await expect(openLink(hub, { ...device, certificatePem: certificate })).rejects.toThrow('certificate_invalid')
  await expect(openLink(hub, device, ticket)).rejects.toThrow('certificate_invalid')
})

test("the customer's CA makes the hub's authority; devices and the hub's own certificate chain up to its root", async () => {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })
  const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'root.key',
    '-out',
    'root.pem',
    '-days',
    '3650',
    '-subj',
    '/CN=Plant root',
    ...usage,
  )
  const requested = (await hub.ask<Authority>('POST', '/v1/authorities', { body: { commonName: 'Plant hub' } })).body
  await writeFile(join(folder, 'hub.csr'), requested.requestPem ?? '')
  await writeFile(join(folder, 'ext'), 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n')
  openssl(
    'x509',
    '-req',
    '-in',
    'hub.csr',
    '-CA',
    'root.pem',
    '-CAkey',
    'root.key',
    '-CAcreateserial',
    '-days',
    '900',
    '-extfile',
    'ext',
    '-out',
    'hub.pem',
  )
  const [own, root] = await Promise.all(['hub.pem', 'root.pem'].map((name) => readFile(join(folder, name), 'utf8')))
  const put = (chainPem: string) =>
    hub.ask<Authority & { code: string }>('PUT', `/v1/authorities/${requested.id}/chain`, { body: { chainPem } })
  expect(await put(`${own}`)).toMatchObject({ status: 422, body: { code: 'authority_chain_refused' } })
  expect((await rotate({ authority: requested.id })) as { code?: string }).toMatchObject({
    code: 'authority_state_refused',
  })
  expect((await put(`${root}${own}`)).body).toMatchObject({
    state: 'ready',
    subject: 'CN=Plant hub',
    issuer: 'CN=Plant root',
  })
  await rotate({ authority: requested.id, withinSeconds: 0 })
  expect((await retire('first')).status).toBe(200)
  const rootPrint = fingerprintOf(root ?? '')
  expect((await overview()).pinned).toEqual({ fingerprint: rootPrint, isCustomers: false })
  await expect.poll(() => isIssuedBy(hub.hub.config.serverCertificatePem, own ?? '')).toBe(true)
  // Whoever is new finds the root in the chain, joins by it, and its link is judged by OpenSSL up to it.
  expect(await findPinnedAuthority({ url: hub.url, fingerprint: rootPrint }, signal())).toMatchObject({ ok: true })
  await using again = await restart()
  const device = await joinDevice(again)
  expect(isIssuedBy(device.certificatePem, own ?? '')).toBe(true)
  using link = await openLink(again, device)
  expect((await link.client.report(reportOf())).generation).toBe(0)
  const { secret } = await makeToken(again)
  const joined = await askToJoin(again, secret, await makeApplicant())
  expect(joined.body).toMatchObject({ status: 'active', ca: root })
})

/** The same hub, whose clients are told of its authority of now. */
async function restart(): Promise<TestHub> {
  const { data, ownerKey } = hub
  await hub[Symbol.asyncDispose]()
  hub = await startTestHub({ data, ownerKey })
  return { ...hub, [Symbol.asyncDispose]: async () => {} }
}

test('requests can be cancelled, and what signs or has signed cannot; ids of none are unknown', async () => {
  const { id } = (await hub.ask<Authority>('POST', '/v1/authorities', { body: {} })).body
  expect((await hub.ask<{ code: string }>('POST', '/v1/authorities', { body: {} })).body.code).toBe(
    'authority_state_refused',
  )
  expect((await hub.ask('DELETE', `/v1/authorities/${id}`)).status).toBe(200)
  expect((await hub.ask<{ code: string }>('DELETE', '/v1/authorities/first')).body.code).toBe('authority_state_refused')
  expect((await retire('first')).body.code).toBe('authority_state_refused')
  expect((await retire('ca_abcdefgh234567')).body.code).toBe('authority_unknown')
  for (let count = 1; count < 8; count++) await rotate()
  expect((await rotate()) as { code?: string }).toMatchObject({ code: 'authorities_full' })
  // All eight count, and a new start says the same.
  const before = (await overview()).authorities
  await restart()
  expect((await overview()).authorities).toEqual(before)
})
