/** A device whose certificate ended while it was away: it comes back by its key, within the time that the organisation gives. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { publicKeyOf } from '@skerry/platform/certificates/certificate'
import { certifyDevice, createAuthority } from '@skerry/platform/certificates/certificate-authority'
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, makeApplicant, openLink, reportOf, type TestDevice } from '../stage/test-device.ts'

const DAY_MS = 86_400_000
let aheadMs = 0
let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => Date.now() + aheadMs } })
})
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => {
  aheadMs = 0
})

type Reply = { certificate?: string; code?: string; message?: string }

async function rejoin({ certificatePem, privateKeyPem }: Pick<TestDevice, 'certificatePem' | 'privateKeyPem'>) {
  const body = { certificate: certificatePem, csr: await createCertificateRequest(privateKeyPem) }
  return hub.ask<Reply>('POST', '/v1/rejoin', { key: null, body })
}

test('a lapsed certificate opens no link; its key gets another one, and that does, with a record', async () => {
  const device = await joinDevice(hub)
  aheadMs = 366 * DAY_MS
  await expect(openLink(hub, device)).rejects.toThrow('certificate_lapsed')
  const { body } = await rejoin(device)
  const renewed = { ...device, certificatePem: body.certificate ?? '' }
  expect(publicKeyOf(renewed.certificatePem)).toBe(publicKeyOf(device.certificatePem))
  using link = await openLink(hub, renewed)
  expect((await link.client.report(reportOf({ atMs: Date.now() + aheadMs }))).generation).toBe(0)
  const audit = await hub.ask<{ rows: AuditRecord[] }>('GET', `/v1/audit?object=${device.id}&action=device.rejoin`)
  expect(audit.body.rows).toMatchObject([{ result: 'ok', actor: { kind: 'device' } }])
})

test('asking again changes nothing: the same certificate, and no second record', async () => {
  const device = await joinDevice(hub)
  const early = await rejoin(device)
  expect(early.body.certificate).toBe(device.certificatePem)
  aheadMs = 400 * DAY_MS
  const answers = [await rejoin(device), await rejoin(device)].map(({ body }) => body.certificate)
  expect(answers[0]).toBeDefined()
  expect(answers[1]).toBe(answers[0])
})

test('a link that is open when the certificate ends does not go on', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  aheadMs = 366 * DAY_MS
  await expect(link.client.report(reportOf())).rejects.toMatchObject({ code: 'certificate_lapsed' })
  expect((await link.closed).reason).toBe('certificate_lapsed')
})

test('the organisation says how long is too long', async () => {
  const device = await joinDevice(hub)
  const set = (lapsedDaysMax: number) =>
    hub.ask('PUT', '/v1/joining-rules', { body: { approval: 'by-token', lapsedDaysMax } })
  aheadMs = 375 * DAY_MS
  for (const days of [0, 5]) {
    expect((await set(days)).status).toBe(200)
    expect(await rejoin(device)).toMatchObject({ status: 403, body: { code: 'certificate_lapsed_long' } })
  }
  await set(11)
  expect((await rejoin(device)).body.certificate).toContain('BEGIN CERTIFICATE')
  await set(365)
})

test.each([
  ['quarantined', 'quarantine', 'device_quarantined'],
  ['revoked', 'revoke', 'device_revoked'],
])('a device that is %s gets none', async (_, verb, code) => {
  const device = await joinDevice(hub)
  await hub.ask('POST', `/v1/devices/${device.name}/${verb}`, { body: { reason: 'test' } })
  aheadMs = 366 * DAY_MS
  expect((await rejoin(device)).body).toMatchObject({ code })
})

test('neither does one that was removed, one of another authority, another key, or a certificate without its key', async () => {
  const removed = await joinDevice(hub)
  const device = await joinDevice(hub)
  await hub.ask('DELETE', `/v1/devices/${removed.name}`)
  aheadMs = 366 * DAY_MS
  expect((await rejoin(removed)).body).toMatchObject({ code: 'certificate_invalid' })
  const other = await makeApplicant()
  expect((await rejoin({ ...device, privateKeyPem: other.privateKeyPem })).body).toMatchObject({ code: 'csr_invalid' })
  const stranger = await createAuthority({ commonName: 'Skerry hub', nowMs: Date.now() })
  const publicKeyPem = publicKeyOf(device.certificatePem)
  const nowMs = Date.now()
  const whose = { publicKeyPem, deviceId: device.id, organisationId: 'org_abcdefgh', nowMs }
  const forged = await certifyDevice(stranger, whose)
  expect((await rejoin({ ...device, certificatePem: forged })).body).toMatchObject({ code: 'certificate_invalid' })
  const nonsense = await hub.ask('POST', '/v1/rejoin', { key: null, body: { certificate: 'x', csr: 'y' } })
  expect(nonsense.body).toMatchObject({ code: 'certificate_invalid' })
})
