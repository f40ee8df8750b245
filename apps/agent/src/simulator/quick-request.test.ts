import {
  checkRequest,
  createAuthority,
  issueDeviceCertificate,
} from '@skerry/platform/certificates/certificate-authority'
import { keyPairOf } from '@skerry/platform/certificates/private-key'
import { expect, test } from 'vitest'
import { makeKeyAndRequest } from './quick-request.ts'

test.each(['a', 'sim-k3x-00042', 'x'.repeat(64)])(
  'the hub takes a request for %s, and certifies its key',
  async (name) => {
    const { privateKeyPem, csr } = makeKeyAndRequest(name)
    const checked = await checkRequest(csr)
    expect(checked).toMatchObject({ ok: true })
    expect(checked.ok && checked.publicKeyPem.trim()).toBe(keyPairOf(privateKeyPem).publicKeyPem.trim())
    const nowMs = Date.now()
    const authority = await createAuthority({ commonName: 'test', nowMs })
    const wish = { requestPem: csr, deviceId: 'dev_aaaaaaaa', organisationId: 'org_aaaaaaaa', nowMs }
    expect(await issueDeviceCertificate(authority, wish)).toMatchObject({ ok: true })
  },
)

test('no two devices have one key', () => {
  expect(makeKeyAndRequest('a').privateKeyPem).not.toBe(makeKeyAndRequest('a').privateKeyPem)
})
