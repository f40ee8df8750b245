import { CatalogueIndex } from '@skerry/contract/market/catalogue'
import { expect, test } from 'vitest'
import { generateKeyPair } from '../certificates/private-key.ts'
import { openCatalogue, signCatalogue } from './catalogue-signature.ts'

const [one, two, other] = [generateKeyPair(), generateKeyPair(), generateKeyPair()]
const index = CatalogueIndex.parse({ v: 1, name: 'plant', version: 3, expiresAtMs: 1_000, listings: [] })
const trusted = [one.publicKeyPem, two.publicKeyPem]

test('an index is read if enough trusted keys have signed it', () => {
  const signed = signCatalogue(index, [one.privateKeyPem, two.privateKeyPem])
  expect(openCatalogue(signed, trusted, 2)).toMatchObject({ ok: true, index: { version: 3 } })
  expect(openCatalogue(signCatalogue(index, [one.privateKeyPem]), trusted, 2)).toMatchObject({ ok: false })
})

test('one key counts once, however often it signed, and a stranger counts never', () => {
  const twice = signCatalogue(index, [one.privateKeyPem, one.privateKeyPem])
  expect(openCatalogue(twice, trusted, 2)).toMatchObject({ ok: false, code: 'catalogue_untrusted' })
  const mixed = signCatalogue(index, [one.privateKeyPem, other.privateKeyPem])
  expect(openCatalogue(mixed, trusted, 2)).toMatchObject({ ok: false, code: 'catalogue_untrusted' })
})

test('a changed payload, or the signature of another one, is not read', () => {
  const signed = signCatalogue(index, [one.privateKeyPem])
  const payload = Buffer.from(JSON.stringify({ ...index, version: 9 })).toString('base64')
  expect(openCatalogue({ ...signed, payload }, trusted, 1)).toMatchObject({ ok: false, code: 'catalogue_untrusted' })
  const older = signCatalogue({ ...index, version: 2 }, [one.privateKeyPem])
  const swapped = { ...signed, signatures: older.signatures }
  expect(openCatalogue(swapped, trusted, 1)).toMatchObject({ ok: false, code: 'catalogue_untrusted' })
})
