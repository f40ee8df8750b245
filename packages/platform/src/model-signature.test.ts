import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SigstoreBundle } from '@skerry/contract/signature'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { digestOf } from './hash.ts'
import { type SignedModel, signingKeyId, signModel, verifyModel } from './model-signature.ts'
import { generateKeyPair } from './private-key.ts'

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

test('what was signed verifies, whatever the order of its files', () => {
  expect(verifyModel(bundle, trusted, model)).toEqual({
    ok: true,
    keyId: signingKeyId(key.publicKeyPem),
    name: model.name,
  })
  const shuffled = { ...model, resources: model.resources.toReversed() }
  expect(verifyModel(signModel({ ...shuffled, privateKeyPem: key.privateKeyPem }), trusted, model).ok).toBe(true)
  expect(verifyModel(JSON.parse(JSON.stringify(bundle)), trusted, shuffled).ok).toBe(true)
})

test('a bundle says what OpenSSF Model Signing v1.0 wants', () => {
  expect(SigstoreBundle.parse(bundle)).toEqual(bundle)
  expect(bundle.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json')
  expect(bundle.verificationMaterial.publicKey.hint).toBe(createHash('sha256').update(key.publicKeyPem).digest('hex'))
  const hexes = ['model', 'weights 1', 'weights 2'].map((text) => createHash('sha256').update(text).digest('hex'))
  expect(payloadOf(bundle)).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      {
        name: 'anomaly@3',
        digest: {
          sha256: createHash('sha256')
            .update(Buffer.from(hexes.join(''), 'hex'))
            .digest('hex'),
        },
      },
    ],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: [] },
      resources: [
        { name: 'model.onnx', algorithm: 'sha256', digest: hexes[0] },
        { name: 'weights/part-1.bin', algorithm: 'sha256', digest: hexes[1] },
        { name: 'weights/part-2.bin', algorithm: 'sha256', digest: hexes[2] },
      ],
    },
  })
})

test('sorts paths as Python does: part by part, by code point', () => {
  const paths = ['a-b', 'a/c', 'a', 'A', 'é', '𝄞', '\uffee']
  const resources = paths.map((path) => ({ path, digest: digestOf(path) }))
  const names = payloadOf(
    signModel({ name: 'm', resources, privateKeyPem: key.privateKeyPem }),
  ).predicate.resources.map((resource: { name: string }) => resource.name)
  // sorted(map(PurePosixPath, paths)) in Python 3.11
  expect(names).toEqual(['A', 'a', 'a/c', 'a-b', 'é', '\uffee', '𝄞'])
})

test('openssl finds the signature of the envelope good, and that of another payload bad', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-signature-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
  const files = {
    key: key.publicKeyPem,
    sig: Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64'),
    good: Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `), payload]),
    bad: Buffer.concat([
      Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `),
      payload,
      Buffer.from(' '),
    ]),
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const verify = (data: string) =>
    execFileSync('openssl', ['dgst', '-sha256', '-verify', 'key', '-signature', 'sig', data], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  expect(verify('good')).toContain('Verified OK')
  expect(() => verify('bad')).toThrow()
})

test.each<[string, unknown, SignedModel, string, RegExp]>([
  ['no signature', undefined, model, 'signature_missing', /no signature/],
  ['null', null, model, 'signature_missing', /no signature/],
  ['not a bundle', { hello: 1 }, model, 'signature_invalid', /no model signature/],
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
    /weights\/part-1.bin is another/,
  ],
  [
    'another model file',
    bundle,
    { ...model, resources: [{ ...first, digest: digestOf('evil') }, second, third] },
    'signature_mismatch',
    /model.onnx is another/,
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
    /weights\/part-1.bin was signed and is missing/,
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

test('keys of P-384 sign and verify with their own hash; a model without files, or with one file twice, is not signed', () => {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-384',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const signed = signModel({ ...model, privateKeyPem: pair.privateKey })
  expect(verifyModel(signed, [pair.publicKey], model).ok).toBe(true)
  expect(() => signModel({ name: 'm', resources: [], privateKeyPem: key.privateKeyPem })).toThrow()
  expect(() => signModel({ name: 'm', resources: [first, first], privateKeyPem: key.privateKeyPem })).toThrow(
    /one path/,
  )
})
