import { createAuthority, issueDeviceCertificate } from '@skerry/platform/certificates/certificate-authority'
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { beforeAll, expect, test } from 'vitest'
import { linkTrouble } from './link-trouble.ts'

const DAY_MS = 86_400_000
const nowMs = Date.UTC(2026, 10, 1)
let certificate: string

beforeAll(async () => {
  const authority = await createAuthority({ commonName: 'test', nowMs })
  const requestPem = await createCertificateRequest(generateKeyPair().privateKeyPem)
  const device = { requestPem, deviceId: 'dev_aaaaaaaa', organisationId: 'org_aaaaaaaa', nowMs, lifeMs: DAY_MS }
  const issued = await issueDeviceCertificate(authority, device)
  if (issued.ok) certificate = issued.certificatePem
})

const trouble = (code: string, atMs = nowMs) => linkTrouble({ code, message: 'words' }, certificate, atMs)?.code

test.each([
  ['ECONNREFUSED', undefined],
  ['link_closed', undefined],
  ['hub_unavailable', undefined],
  ['device_revoked', 'device_revoked'],
  ['organisation_disabled', 'organisation_disabled'],
  ['certificate_invalid', 'certificate_refused'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'certificate_refused'],
  ['CERT_NOT_YET_VALID', 'clock_wrong'],
  ['CERT_HAS_EXPIRED', 'hub_certificate_refused'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'hub_certificate_refused'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'hub_certificate_refused'],
])('%s means %s', (code, condition) => {
  expect(trouble(code)).toBe(condition)
})

test("the device's own certificate is looked at first, with its clock", () => {
  expect(trouble('ECONNRESET', nowMs + 2 * DAY_MS)).toBe('certificate_expired')
  expect(trouble('ECONNRESET', nowMs - 400 * DAY_MS)).toBe('clock_wrong')
  expect(linkTrouble({ code: 'x', message: '' }, 'no certificate', nowMs)?.code).toBe('certificate_refused')
})
