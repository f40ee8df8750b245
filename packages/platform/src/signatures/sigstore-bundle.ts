/** Sigstore bundle: an in-toto statement, signed by an elliptic-curve key, in the form that Sigstore's tools read. */
import { createPublicKey, sign, verify } from 'node:crypto'
import { BUNDLE_MEDIA_TYPE, IN_TOTO_PAYLOAD_TYPE, SigstoreBundle } from '@skerry/contract/models/signature'
import { keyPairOf } from '../certificates/private-key.ts'
import { hashFor, preAuthenticationEncoding, signingKeyId } from './dsse.ts'

/** Signs the bytes of a statement with a key in PEM. */
export function signBundle(payload: Uint8Array, privateKeyPem: string): SigstoreBundle {
  const { publicKeyPem } = keyPairOf(privateKeyPem)
  const signature = sign(
    hashFor(createPublicKey(publicKeyPem)),
    preAuthenticationEncoding(IN_TOTO_PAYLOAD_TYPE, payload),
    privateKeyPem,
  )
  return {
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: signingKeyId(publicKeyPem) }, tlogEntries: [] },
    dsseEnvelope: {
      payload: Buffer.from(payload).toString('base64'),
      payloadType: IN_TOTO_PAYLOAD_TYPE,
      signatures: [{ sig: signature.toString('base64'), keyid: '' }],
    },
  }
}

export type BundleProblem = 'signature_missing' | 'signature_invalid' | 'signature_untrusted'

export type OpenedBundle =
  | { ok: true; payload: Buffer; keyId: string }
  | { ok: false; code: BundleProblem; message: string }

/** The payload that one of the trusted keys (PEM, SPKI) signed. It is not parsed before its signature is verified. */
export function openBundlePayload(bundle: unknown, trustedKeys: readonly string[]): OpenedBundle {
  if (bundle === undefined || bundle === null)
    return refuseBundle('signature_missing', 'there is no signature; sign the version')
  const parsed = SigstoreBundle.safeParse(bundle)
  if (!parsed.success)
    return refuseBundle(
      'signature_invalid',
      `this is not a model signature by a key: ${parsed.error.issues[0]?.message}`,
    )

  const { verificationMaterial, dsseEnvelope } = parsed.data
  const keyId = verificationMaterial.publicKey.hint
  const trusted = trustedKeys.find((pem) => signingKeyId(pem) === keyId)
  if (!trusted)
    return refuseBundle(
      'signature_untrusted',
      `it is signed by the key ${keyId}, which is not trusted here; add it, or sign again`,
    )

  const payload = Buffer.from(dsseEnvelope.payload, 'base64')
  const signature = Buffer.from(dsseEnvelope.signatures[0]?.sig ?? '', 'base64')
  const key = createPublicKey(trusted)
  if (!verify(hashFor(key), preAuthenticationEncoding(IN_TOTO_PAYLOAD_TYPE, payload), key, signature)) {
    return refuseBundle('signature_invalid', 'the signature does not fit its payload; one of them was changed')
  }
  return { ok: true, payload, keyId }
}

const refuseBundle = (code: BundleProblem, message: string): OpenedBundle => ({ ok: false, code, message })
