import { sign } from 'node:crypto'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generateKeyPair } from '../certificates/private-key.ts'
import { digestOf, hexOf } from '../files/hash.ts'
import { type SignedModel, signModel, verifyModel } from './model-signature.ts'

const key = generateKeyPair()
const otherKey = generateKeyPair()
const model: SignedModel = {
  name: 'anomaly@3',
  resources: [
    { path: 'model.onnx', digest: digestOf('model') },
    { path: 'weights/part-1.bin', digest: digestOf('weights 1') },
    { path: 'weights/part-2.bin', digest: digestOf('weights 2') },
  ],
}
const [first, second, third] = model.resources as [
  SignedModel['resources'][0],
  SignedModel['resources'][0],
  SignedModel['resources'][0],
]
const bundle = signModel({ ...model, privateKeyPem: key.privateKeyPem })
const trusted = [otherKey.publicKeyPem, key.publicKeyPem]

const payloadOf = ({ dsseEnvelope }: SigstoreBundle) =>
  JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString())
const base64 = (value: string | Uint8Array) => Buffer.from(value).toString('base64')
const withEnvelope = (change: Partial<SigstoreBundle['dsseEnvelope']>) => ({
  ...bundle,
  dsseEnvelope: { ...bundle.dsseEnvelope, ...change },
})

/** Signs any payload under any type, as somebody who has the key but not our code would. */
function signAnything(payload: string, payloadType = 'application/vnd.in-toto+json') {
  const pae = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${Buffer.byteLength(payload)} ${payload}`)
  const sig = base64(sign('sha256', pae, key.privateKeyPem))
  return { ...bundle, dsseEnvelope: { payload: base64(payload), payloadType, signatures: [{ sig, keyid: '' }] } }
}
const signChanged = (change: (statement: ReturnType<typeof payloadOf>) => void) => {
  const statement = payloadOf(bundle)
  change(statement)
  return signAnything(JSON.stringify(statement))
}
const flipBit = (text: string, bit: number) => {
  const bytes = Buffer.from(text, 'base64')
  const at = Math.floor(bit / 8) % bytes.length
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit % 8)), at)
  return bytes.toString('base64')
}

test.each<[string, unknown, SignedModel, string, RegExp]>([
  ['no signature', undefined, model, 'signature_missing', /no signature/],
  ['null', null, model, 'signature_missing', /no signature/],
  ['not a bundle', { hello: 1 }, model, 'signature_invalid', /not a model signature/],
  ['an unknown field', { ...bundle, extra: 1 }, model, 'signature_invalid', /extra/],
  [
    'another media type',
    { ...bundle, mediaType: 'application/vnd.dev.sigstore.bundle.v0.2+json' },
    model,
    'signature_invalid',
    /./,
  ],
  ['no signature in the envelope', withEnvelope({ signatures: [] }), model, 'signature_invalid', /./],
  [
    'an unknown key',
    signModel({ ...model, privateKeyPem: generateKeyPair().privateKeyPem }),
    model,
    'signature_untrusted',
    /not trusted/,
  ],
  [
    'the hint of a trusted key on the signature of another',
    {
      ...signModel({ ...model, privateKeyPem: otherKey.privateKeyPem }),
      verificationMaterial: bundle.verificationMaterial,
    },
    model,
    'signature_invalid',
    /does not fit/,
  ],
  [
    'a changed payload',
    withEnvelope({ payload: base64(JSON.stringify({ ...payloadOf(bundle), subject: [] })) }),
    model,
    'signature_invalid',
    /does not fit/,
  ],
  [
    'a payload with another form of the same JSON',
    withEnvelope({ payload: base64(JSON.stringify(payloadOf(bundle), null, 2)) }),
    model,
    'signature_invalid',
    /does not fit/,
  ],
  [
    'a name changed after signing',
    withEnvelope({ payload: base64(JSON.stringify(payloadOf(bundle)).replace('anomaly@3', 'anomaly@4')) }),
    { ...model, name: 'anomaly@4' },
    'signature_invalid',
    /does not fit/,
  ],
  [
    'a signature that is no DER',
    withEnvelope({ signatures: [{ sig: base64('hello') }] }),
    model,
    'signature_invalid',
    /does not fit/,
  ],
  [
    'another payload type',
    withEnvelope({ payloadType: 'text/plain' as 'application/vnd.in-toto+json' }),
    model,
    'signature_invalid',
    /./,
  ],
  [
    'another payload type, well signed',
    signAnything(JSON.stringify(payloadOf(bundle)), 'text/plain'),
    model,
    'signature_invalid',
    /./,
  ],
  ['a signed text that is no JSON', signAnything('hello'), model, 'signature_invalid', /statement/],
  [
    'another statement type',
    signChanged((s) => {
      s._type = 'https://in-toto.io/Statement/v0.1'
    }),
    model,
    'signature_invalid',
    /statement/,
  ],
  [
    'another predicate type',
    signChanged((s) => {
      s.predicateType = 'https://slsa.dev/provenance/v1'
    }),
    model,
    'signature_invalid',
    /statement/,
  ],
  [
    'another hash',
    signChanged((s) => {
      s.predicate.resources[0].algorithm = 'blake2b'
    }),
    model,
    'signature_invalid',
    /statement/,
  ],
  [
    'sharded serialization',
    signChanged((s) => {
      s.predicate.serialization.method = 'shards'
    }),
    model,
    'signature_invalid',
    /statement/,
  ],
  [
    'a root digest over other files',
    signChanged((s) => {
      s.predicate.resources.pop()
    }),
    model,
    'signature_mismatch',
    /over all files/,
  ],
  ['re-tagged', bundle, { ...model, name: 'anomaly@4' }, 'signature_mismatch', /for anomaly@3, not for anomaly@4/],
  [
    'swapped files',
    bundle,
    { ...model, resources: [first, { ...second, digest: third.digest }, { ...third, digest: second.digest }] },
    'signature_mismatch',
    /weights\/part-1.bin differs from the signed one/,
  ],
  [
    'another model file',
    bundle,
    { ...model, resources: [{ ...first, digest: digestOf('evil') }, second, third] },
    'signature_mismatch',
    /model.onnx differs from the signed one/,
  ],
  [
    'an extra file',
    bundle,
    { ...model, resources: [...model.resources, { path: 'evil.so', digest: digestOf('evil') }] },
    'signature_mismatch',
    /evil.so is not covered/,
  ],
  [
    'a missing file',
    bundle,
    { ...model, resources: [first, third] },
    'signature_mismatch',
    /the signed file weights\/part-1.bin is missing/,
  ],
  [
    'a renamed file',
    bundle,
    { ...model, resources: [first, second, { ...third, path: 'weights/part-3.bin' }] },
    'signature_mismatch',
    /part-3.bin is not covered/,
  ],
])('refuses %s', (_, given, expected, code, message) => {
  expect(verifyModel(given, trusted, expected)).toEqual({ ok: false, code, message: expect.stringMatching(message) })
})

test('refuses a file that is listed twice, though the digest over all files fits', () => {
  const twice = signChanged((statement) => {
    const { resources } = statement.predicate
    resources.unshift({ ...resources[0], digest: hexOf(digestOf('evil')) })
    const raw = Buffer.from(resources.map(({ digest }: { digest: string }) => digest).join(''), 'hex')
    statement.subject[0].digest.sha256 = hexOf(digestOf(raw))
  })
  expect(verifyModel(twice, trusted, model)).toMatchObject({
    code: 'signature_mismatch',
    message: expect.stringMatching(/twice/),
  })
})

test('a predicate may have fields that v1.0 does not name', () => {
  const extended = signChanged((statement) => {
    statement.predicate.card = 'README.md'
  })
  expect(verifyModel(extended, trusted, model).ok).toBe(true)
})

test('no flipped bit of payload or signature verifies, and no flip throws', () => {
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), (bit, inPayload) => {
      const { payload, signatures } = bundle.dsseEnvelope
      const changed = inPayload
        ? withEnvelope({ payload: flipBit(payload, bit) })
        : withEnvelope({ signatures: [{ sig: flipBit(signatures[0]?.sig ?? '', bit) }] })
      expect(verifyModel(changed, trusted, model)).toMatchObject({ ok: false, code: 'signature_invalid' })
    }),
  )
})
