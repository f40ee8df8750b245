import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SigstoreBundle } from '@skerry/contract/models/signature'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { expect, onTestFinished, test } from 'vitest'
import { generateKeyPair } from '../certificates/private-key.ts'
import { digestOf } from '../files/hash.ts'
import { signingKeyId } from './dsse.ts'
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
const bundle = signModel({ ...model, privateKeyPem: key.privateKeyPem })
const trusted = [otherKey.publicKeyPem, key.publicKeyPem]

const payloadOf = ({ dsseEnvelope }: SigstoreBundle) =>
  JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString())

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

test.skipIf(!isInstalled('openssl', 'version'))(
  'openssl finds the signature of the envelope good, and that of another payload bad',
  () => {
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
  },
)

test('keys of P-384 sign and verify with their own hash; a model without files, or with one file twice, is not signed', () => {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-384',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const signed = signModel({ ...model, privateKeyPem: pair.privateKey })
  expect(verifyModel(signed, [pair.publicKey], model).ok).toBe(true)
  expect(() => signModel({ name: 'm', resources: [], privateKeyPem: key.privateKeyPem })).toThrow()
  expect(() =>
    signModel({ name: 'm', resources: [...model.resources, ...model.resources], privateKeyPem: key.privateKeyPem }),
  ).toThrow(/the same path/)
})

test('lineage is signed with the files, and what a newer hub says of it does not spoil the rest', () => {
  const lineage = { parents: [{ model: 'base', version: 3, digest: digestOf('base') }], tool: 'pytorch 2.6' }
  const signed = signModel({ ...model, lineage, privateKeyPem: key.privateKeyPem })
  expect(verifyModel(signed, trusted, model)).toMatchObject({ ok: true, lineage })
  const payload = payloadOf(signed)
  payload.predicate.skerry_lineage.tool = 'another'
  const dsseEnvelope = { ...signed.dsseEnvelope, payload: Buffer.from(JSON.stringify(payload)).toString('base64') }
  expect(verifyModel({ ...signed, dsseEnvelope }, trusted, model)).toMatchObject({ code: 'signature_invalid' })
  const newer = { ...lineage, fromTheFuture: true }
  const other = signModel({ ...model, lineage: newer, privateKeyPem: key.privateKeyPem })
  expect(verifyModel(other, trusted, model)).toMatchObject({ ok: true, lineage: undefined })
})
