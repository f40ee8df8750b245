import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createIdentifiers } from './identifiers.ts'

test('ids have their prefix, fit their schema, and hold all the chance that they were given', () => {
  const ids = createIdentifiers(randomBytes)
  const made = [
    ids.organisation(),
    ids.site(),
    ids.device(),
    ids.token(),
    ids.key(),
    ids.upload(),
    ids.version(),
    ids.deployment(),
    ids.rollout(),
  ]
  expect(made.map((id) => id.split('_')[0])).toEqual(['org', 'site', 'dev', 'tok', 'key', 'upl', 'ver', 'dep', 'rol'])
  expect(new Set(Array.from({ length: 1_000 }, () => ids.device())).size).toBe(1_000)
  expect(ids.secret()).toMatch(/^[A-Za-z0-9_-]{43}$/)
})

test('base32 is that of RFC 4648', () => {
  // Python: base64.b32encode(b'foobarfoobar'), in lower case and without padding.
  const ids = createIdentifiers(() => Buffer.from('foobarfoobar'))
  expect(ids.site()).toBe('site_mzxw6ytbojtg633cmfza')
})
