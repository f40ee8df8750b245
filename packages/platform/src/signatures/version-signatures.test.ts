import type { SigningKeyId, SigningKeyState, TrustDocument } from '@skerry/contract/models/trust'
import { OrganisationId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { generateKeyPair, type KeyPair } from '../certificates/private-key.ts'
import { digestOf } from '../files/hash.ts'
import { signingKeyId } from './dsse.ts'
import { signModel } from './model-signature.ts'
import { signTrust, verifyTrust } from './trust-signature.ts'
import { trustProblem } from './version-signatures.ts'

const first = generateKeyPair()
const second = generateKeyPair()
const vendor = generateKeyPair()
const quality = generateKeyPair()
const given = [{ path: 'model.onnx', digest: digestOf('model') }]
const files = [...given, { path: 'golden.json', digest: digestOf('golden') }]
const byHub = ({ privateKeyPem }: KeyPair, name = 'press-1/3') => signModel({ name, resources: files, privateKeyPem })
const byPublisher = ({ privateKeyPem }: KeyPair, resources = given) =>
  signModel({ name: 'anything', resources, privateKeyPem })
const idOf = ({ publicKeyPem }: KeyPair) => signingKeyId(publicKeyPem) as SigningKeyId

const entry = (kind: 'hub' | 'publisher', pair: KeyPair, state: SigningKeyState = 'active') => ({
  kind,
  state,
  keyId: idOf(pair),
  publicKeyPem: pair.publicKeyPem,
})
const document = (keys: TrustDocument['keys'], rules: TrustDocument['rules'] = []): TrustDocument => ({
  v: 1,
  organisationId: OrganisationId.parse('org_abcdefgh234567'),
  revision: 7,
  keys,
  rules,
})
const version = { model: 'press-1', version: 3, files, bundle: byHub(first) }
const judge = (trust: TrustDocument | undefined, of: Parameters<typeof trustProblem>[0] = version) =>
  trustProblem(of, { trustedKeys: [first.publicKeyPem], document: trust })?.code

test('before anything is said the keys of joining count; afterwards those that are said, retired ones too, revoked ones not', () => {
  expect(judge(undefined)).toBeUndefined()
  expect(judge(undefined, { ...version, bundle: byHub(second) })).toBe('signature_untrusted')
  const rotated = document([entry('hub', first, 'retired'), entry('hub', second)])
  expect(judge(rotated)).toBeUndefined()
  expect(judge(rotated, { ...version, bundle: byHub(second) })).toBeUndefined()
  const revoked = document([entry('hub', first, 'revoked'), entry('hub', second)])
  expect(judge(revoked)).toBe('signature_revoked')
  expect(judge(document([entry('hub', second)]))).toBe('signature_untrusted')
})

test("a publisher's key is none of the hub: its signature binds no number, and is not enough", () => {
  const trust = document([entry('hub', first), entry('publisher', vendor)])
  expect(judge(trust, { ...version, bundle: byHub(vendor) })).toBe('signature_untrusted')
  expect(judge(trust, { ...version, bundle: byHub(first, 'press-1/4') })).toBe('signature_mismatch')
})

test('rules want so many different keys, over these files, of names that fit', () => {
  const keys = [entry('hub', first), entry('publisher', vendor), entry('publisher', quality)]
  const trust = document(keys, [{ models: 'press-*', keys: [idOf(vendor), idOf(quality)], signatures: 2 }])
  const signed = (...signatures: ReturnType<typeof byPublisher>[]) => judge(trust, { ...version, signatures })
  expect(signed()).toBe('signature_policy')
  expect(signed(byPublisher(vendor))).toBe('signature_policy')
  expect(signed(byPublisher(vendor), byPublisher(vendor))).toBe('signature_policy')
  expect(signed(byPublisher(vendor), byPublisher(quality))).toBeUndefined()
  // Whoever pulled the version signs its golden cases, too.
  expect(signed(byPublisher(vendor, files), byPublisher(quality))).toBeUndefined()
  const other = [{ path: 'model.onnx', digest: digestOf('another') }]
  expect(signed(byPublisher(vendor, other), byPublisher(quality))).toBe('signature_policy')
  expect(judge(trust, { ...version, model: 'pump', bundle: byHub(first, 'pump/3') })).toBeUndefined()
  const revoked = document(
    [entry('hub', first), entry('publisher', vendor, 'revoked'), entry('publisher', quality)],
    trust.rules,
  )
  const signatures = [byPublisher(vendor), byPublisher(quality)]
  expect(judge(revoked, { ...version, signatures })).toBe('signature_policy')
})

test('what the hub says is believed by the signature of a key that joining gave, and of no other; a changed byte is found', () => {
  const said = document([entry('hub', second)])
  const envelope = signTrust(said, first)
  expect(verifyTrust(envelope, [first.publicKeyPem])).toEqual({ ok: true, document: said })
  expect(verifyTrust(envelope, [second.publicKeyPem])).toMatchObject({ ok: false })
  const payload = Buffer.from(envelope.payload, 'base64').toString().replace('"revision":7', '"revision":8')
  const changed = { ...envelope, payload: Buffer.from(payload).toString('base64') }
  expect(verifyTrust(changed, [first.publicKeyPem])).toMatchObject({ ok: false, message: expect.stringMatching(/fit/) })
  const unreadable = signTrust({ v: 2 } as unknown as TrustDocument, first)
  expect(verifyTrust(unreadable, [first.publicKeyPem])).toMatchObject({ message: expect.stringMatching(/update/) })
})
