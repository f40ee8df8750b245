/** The approval queue: who waits, what a person sees of them, and what becomes of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { WaitingDevice } from '@skerry/contract/joining/join'
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sweepRequests } from '../../src/joining/request-sweep.ts'
import { startHubProcess } from '../stage/hub-process.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { type Applicant, askToJoin, INVENTORY, makeApplicant, makeToken } from '../stage/test-device.ts'

const DAY_MS = 86_400_000
let aheadMs = 0
let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => Date.now() + aheadMs } })
})
afterAll(() => hub[Symbol.asyncDispose]())

const waiting = async () => (await hub.ask<{ rows: WaitingDevice[] }>('GET', '/v1/join-requests')).body.rows
const keyOf = ({ privateKeyPem }: Applicant) => hashPublicKey(privateKeyPem)
const auditOf = async (action: string) => {
  const { body } = await hub.ask<{ rows: AuditRecord[] }>('GET', `/v1/audit?action=${action}`)
  return body.rows.find(({ result }) => result === 'ok')
}

async function newRequest(name: string, serial?: string) {
  const { secret } = await makeToken(hub, { approval: 'manual' })
  const applicant = await makeApplicant()
  const { body } = await askToJoin(hub, secret, applicant, name, serial)
  expect(body).toMatchObject({ status: 'pending', retryAfterMs: 5_000 })
  return { ...applicant, again: () => askToJoin(hub, secret, applicant, name, serial) }
}

test('a person sees who waits: name, serial number, key and address', async () => {
  const applicant = await newRequest('press-1', 'SN-4711')
  const [row] = (await waiting()).filter(({ name }) => name === 'press-1')
  expect(row).toMatchObject({
    site: 'berlin',
    serial: 'SN-4711',
    source: '127.0.0.1',
    hostname: INVENTORY.hostname,
    keyFingerprint: keyOf(applicant),
  })
  expect((row?.expiresAtMs ?? 0) - (row?.requestedAtMs ?? 0)).toBe(14 * DAY_MS)
})

test('a device is let in by its key only where the key is the one that a person has seen', async () => {
  const applicant = await newRequest('press-2')
  const approve = (keyFingerprint: string) =>
    hub.ask('POST', '/v1/devices/press-2/approve', { body: { keyFingerprint } })
  expect(await approve('0'.repeat(64))).toMatchObject({ status: 409, body: { code: 'key_fingerprint_wrong' } })
  expect((await applicant.again()).body).toMatchObject({ status: 'pending' })
  expect((await approve(keyOf(applicant))).body).toMatchObject({ status: 'active' })
  expect((await applicant.again()).body).toMatchObject({ status: 'active', name: 'press-2' })
  expect((await waiting()).map(({ name }) => name)).not.toContain('press-2')
  expect(await auditOf('device.approve')).toMatchObject({ detail: { keyFingerprint: keyOf(applicant) } })
})

test('one that was refused stays refused, under any token, until it is removed', async () => {
  const applicant = await newRequest('stranger')
  const denied = await hub.ask('POST', '/v1/devices/stranger/deny', { body: { reason: 'nobody knows it' } })
  expect(denied.body).toMatchObject({ status: 'revoked' })
  const { secret } = await makeToken(hub)
  for (const answer of [await applicant.again(), await askToJoin(hub, secret, applicant)]) {
    expect(answer).toMatchObject({ status: 403, body: { code: 'join_denied' } })
  }
  expect((await hub.ask('POST', '/v1/devices/stranger/approve', { body: {} })).body).toMatchObject({
    code: 'device_status_refused',
  })
  const events = await hub.ask<{ rows: { change: unknown }[] }>('GET', '/v1/devices/stranger/events')
  expect(events.body.rows[0]?.change).toMatchObject({ kind: 'denied', reason: 'nobody knows it' })
  await hub.ask('DELETE', '/v1/devices/stranger')
  expect((await askToJoin(hub, secret, applicant)).body).toMatchObject({ status: 'active' })
})

test('a device with a certificate cannot be denied, only revoked', async () => {
  const { secret } = await makeToken(hub)
  await askToJoin(hub, secret, await makeApplicant(), 'in-already')
  const denied = await hub.ask('POST', '/v1/devices/in-already/deny', { body: { reason: 'late' } })
  expect(denied).toMatchObject({ status: 409, body: { code: 'device_status_refused' } })
})

test('the rule of the organisation has every device wait, whatever its token says', async () => {
  const set = (approval: string) => hub.ask('PUT', '/v1/joining-rules', { body: { approval } })
  expect((await set('always')).body).toMatchObject({ approval: 'always' })
  const { secret } = await makeToken(hub)
  const applicant = await makeApplicant()
  expect((await askToJoin(hub, secret, applicant, 'ruled')).body).toMatchObject({ status: 'pending' })
  expect((await set('by-token')).body).toMatchObject({ approval: 'by-token', lapsedDaysMax: 365 })
  expect((await askToJoin(hub, secret, applicant, 'ruled')).body).toMatchObject({ status: 'pending' })
  expect((await askToJoin(hub, secret, await makeApplicant())).body).toMatchObject({ status: 'active' })
})

test('a second machine with the serial number of one that is in stands out', async () => {
  const first = await newRequest('twin-a', 'SN-77')
  await hub.ask('POST', '/v1/devices/twin-a/approve', { body: {} })
  await first.again()
  await newRequest('twin-b', 'SN-77')
  expect((await waiting()).find(({ name }) => name === 'twin-b')).toMatchObject({ notice: 'serial-in-use' })
})

test('a request signed by another key than it names is refused, and the same request again is the same device', async () => {
  const mine = await makeApplicant()
  const other = await makeApplicant()
  const { secret } = await makeToken(hub, { approval: 'manual' })
  const der = (pem: string) => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  // The other's signature under my key: what somebody would send who has seen my request and wants it answered to them.
  const forged = Buffer.concat([der(mine.csr).subarray(0, -64), der(other.csr).subarray(-64)])
  const csr = `-----BEGIN CERTIFICATE REQUEST-----\n${forged.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  expect((await askToJoin(hub, secret, { ...mine, csr })).body).toMatchObject({ code: 'csr_invalid' })
  const first = await askToJoin(hub, secret, mine, 'replayed')
  const again = await askToJoin(hub, secret, { ...mine, csr: await createCertificateRequest(mine.privateKeyPem) })
  expect(again.body).toEqual(first.body)
})

test('a token counts only where it is meant for', async () => {
  const elsewhere = await makeToken(hub, { networks: ['10.20.0.0/16', '2001:db8::/32'] })
  expect(await askToJoin(hub, elsewhere.secret, await makeApplicant())).toMatchObject({
    status: 403,
    body: { code: 'token_refused' },
  })
  const here = await makeToken(hub, { networks: ['127.0.0.0/8'] })
  expect((await askToJoin(hub, here.secret, await makeApplicant())).body).toMatchObject({ status: 'active' })
  const wrong = { site: 'berlin', networks: ['10.20.0.0/99'] }
  expect((await hub.ask('POST', '/v1/join-tokens', { body: wrong })).body).toMatchObject({ code: 'input_invalid' })
})

test('a request that nobody decides on is forgotten after a fortnight, on record; one that still asks begins anew', async () => {
  const applicant = await newRequest('forgotten')
  aheadMs = 13 * DAY_MS
  await sweepRequests(hub.hub)
  expect((await waiting()).map(({ name }) => name)).toContain('forgotten')
  aheadMs = 15 * DAY_MS
  expect(await sweepRequests(hub.hub)).toBeGreaterThan(0)
  expect((await hub.ask('GET', '/v1/devices/forgotten')).body).toMatchObject({ code: 'device_unknown' })
  expect(await auditOf('device.request-expired')).toMatchObject({ actor: { kind: 'hub' } })
  expect((await applicant.again()).body).toMatchObject({ code: 'token_refused' })
  const { secret } = await makeToken(hub, { approval: 'manual' })
  expect((await askToJoin(hub, secret, applicant, 'forgotten')).body).toMatchObject({ status: 'pending' })
})

test('a hub that is killed between approval and certificate gives the certificate when it is back, once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-approval-'))
  try {
    const data = join(folder, 'hub')
    const applicant = await makeApplicant()
    let body: Record<string, unknown>
    {
      await using first = await startHubProcess(data)
      await first.ask('PUT', '/v1/sites/berlin', { kind: 'edge' })
      const made = await first.ask<{ token: string }>('POST', '/v1/join-tokens', { site: 'berlin', approval: 'manual' })
      const { secret } = JSON.parse(Buffer.from(made.body.token.slice(4), 'base64url').toString()) as { secret: string }
      body = { secret, csr: applicant.csr, inventory: INVENTORY, name: 'press-9' }
      expect((await first.ask('POST', '/v1/join', body)).body).toMatchObject({ status: 'pending' })
      expect((await first.ask('POST', '/v1/devices/press-9/approve', {})).status).toBe(200)
      first.child.kill('SIGKILL')
      await first.ended
    }
    await using second = await startHubProcess(data)
    const one = await second.ask('POST', '/v1/join', body)
    const two = await second.ask('POST', '/v1/join', body)
    expect(one.body).toMatchObject({ status: 'active', certificate: expect.stringContaining('BEGIN CERTIFICATE') })
    expect(two.body.certificate).toBe(one.body.certificate)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
