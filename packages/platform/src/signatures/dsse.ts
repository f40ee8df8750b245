/** DSSE: the bytes that a signature over a payload is made of, and which hash goes with a key [github.com/secure-systems-lab/dsse, v1.0.0]. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

/** [model_signing, get_ec_key_hash] The hash goes with the curve. */
const HASH_OF_CURVE = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' } as const

/** [signature definition] PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body, lengths in bytes. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}

/** Throws for a key that is none of an elliptic curve. */
export function hashFor(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve === 'prime256v1' || curve === 'secp384r1' || curve === 'secp521r1') return HASH_OF_CURVE[curve]
  throw new Error(`models are signed with elliptic-curve keys, not ${curve ?? key.asymmetricKeyType}`)
}

/** [model_signing, _get_verification_material] A key is called by the sha256 of its SPKI in PEM, final newline included, in hex. */
export function signingKeyId(publicKeyPem: string): string {
  const pem = createPublicKey(publicKeyPem).export({ type: 'spki', format: 'pem' })
  return createHash('sha256').update(pem).digest('hex')
}
