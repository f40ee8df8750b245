import { execFileSync } from 'node:child_process'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { expect, test } from 'vitest'
import { createAuthority } from './certificate-authority.ts'
import { certificateBag } from './certificate-bag.ts'

// A length of none, of two bytes, and of three.
test.skipIf(!isInstalled('openssl', 'version')).each([0, 1, 2, 200])('openssl finds %i certificates', async (count) => {
  const { certificatePem } = await createAuthority({ commonName: 'test', nowMs: Date.now() })
  const input = certificateBag(Array(count).fill(certificatePem))
  const found = execFileSync('openssl', ['pkcs7', '-inform', 'DER', '-print_certs'], { input }).toString()
  expect(found.match(/BEGIN CERTIFICATE/g) ?? []).toHaveLength(count)
  if (count > 0) expect(found.replaceAll(/\s/g, '')).toContain(certificatePem.replaceAll(/\s/g, ''))
})
