/** Bundles made here verify by Sigstore's own library, and what that library makes of another key's signature verifies here. */
import { createHash, createPublicKey, sign } from 'node:crypto'
import { bundleFromJSON, bundleToJSON, toDSSEBundle } from '@sigstore/bundle'
import { toSignedEntity, Verifier } from '@sigstore/verify'
import { expect, test } from 'vitest'
import { generateKeyPair, type KeyPair } from '../certificates/private-key.ts'
import { digestOf } from '../files/hash.ts'
import { preAuthenticationEncoding, signingKeyId } from './dsse.ts'
import { signModel, verifyFiles, verifyModel } from './model-signature.ts'

const key = generateKeyPair()
const resources = [
  { path: 'model.onnx', digest: digestOf('model') },
  { path: 'weights/part-1.bin', digest: digestOf('weights 1') },
]

/** No log and no authority: one key, as for signatures by keys. */
const judge = (trusted: KeyPair) =>
  new Verifier(
    {
      certificateAuthorities: [],
      timestampAuthorities: [],
      tlogs: [],
      ctlogs: [],
      publicKey: () => ({ publicKey: createPublicKey(trusted.publicKeyPem), validFor: () => true }),
    },
    { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
  )

test('Sigstore finds a bundle of ours good, by its key only, and not when a byte has changed', () => {
  const bundle = signModel({ name: 'anomaly/3', resources, privateKeyPem: key.privateKeyPem })
  const entity = toSignedEntity(bundleFromJSON(JSON.parse(JSON.stringify(bundle))))
  expect(() => judge(key).verify(entity)).not.toThrow()
  expect(() => judge(generateKeyPair()).verify(entity)).toThrow()
  const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('anomaly/3', 'anomaly/4')
  const dsseEnvelope = { ...bundle.dsseEnvelope, payload: Buffer.from(payload).toString('base64') }
  expect(() => judge(key).verify(toSignedEntity(bundleFromJSON({ ...bundle, dsseEnvelope })))).toThrow()
})

test("a bundle that Sigstore's library writes verifies here, as a publisher's and under its name", () => {
  const digests = ['model', 'weights 1'].map((text) => createHash('sha256').update(text).digest('hex'))
  const root = createHash('sha256')
    .update(Buffer.from(digests.join(''), 'hex'))
    .digest('hex')
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'model-folder', digest: { sha256: root } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      // [model_signing 1.0] What the Python package writes, with what it leaves out of every signature.
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: ['model.sig', '.git'],
      },
      resources: resources.map(({ path }, index) => ({ name: path, algorithm: 'sha256', digest: digests[index] })),
    },
  }
  const artifact = Buffer.from(JSON.stringify(statement))
  const artifactType = 'application/vnd.in-toto+json'
  const signature = sign('sha256', preAuthenticationEncoding(artifactType, artifact), key.privateKeyPem)
  const keyHint = signingKeyId(key.publicKeyPem)
  const made = toDSSEBundle({ artifact, artifactType, signature, keyHint })
  expect(() => judge(key).verify(toSignedEntity(made))).not.toThrow()
  const bundle = bundleToJSON(made)
  expect(verifyFiles(bundle, [key.publicKeyPem], resources)).toMatchObject({ ok: true, name: 'model-folder' })
  expect(verifyModel(bundle, [key.publicKeyPem], { name: 'model-folder', resources }).ok).toBe(true)
  expect(verifyModel(bundle, [key.publicKeyPem], { name: 'anomaly/3', resources }).ok).toBe(false)
  expect(verifyFiles(bundle, [key.publicKeyPem], resources.slice(1))).toMatchObject({ code: 'signature_mismatch' })
})
