/** DSSE envelope: signs a payload by several keys, and finds the trusted keys that signed one. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { SigningKeyId } from '@skerry/contract/models/trust'
import { hashFor, preAuthenticationEncoding, signingKeyId } from './dsse.ts'

type Signature = { sig: string; keyid: SigningKeyId }

/** A signature by each key (PEM). Throws for a key without an elliptic curve. */
export const signPayload = (payloadType: string, payload: Uint8Array, privateKeysPem: readonly string[]): Signature[] =>
  privateKeysPem.map((pem) => {
    const key = createPrivateKey(pem)
    const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    const sig = sign(hashFor(key), preAuthenticationEncoding(payloadType, payload), key)
    return { sig: sig.toString('base64'), keyid: SigningKeyId.parse(signingKeyId(publicPem)) }
  })

type SignedEnvelope = { payload: string; payloadType: string; signatures: readonly Signature[] }

/** The trusted keys (PEM, SPKI) that signed the payload. Nothing of it is parsed. */
export function signersOf(
  { payload, payloadType, signatures }: SignedEnvelope,
  trustedKeys: readonly string[],
): SigningKeyId[] {
  const keys = new Map(trustedKeys.map((pem) => [signingKeyId(pem), createPublicKey(pem)]))
  const encoded = preAuthenticationEncoding(payloadType, Buffer.from(payload, 'base64'))
  return signatures.flatMap(({ sig, keyid }) => {
    const key = keys.get(keyid)
    return key && verify(hashFor(key), encoded, key, Buffer.from(sig, 'base64')) ? [keyid] : []
  })
}
