/** Trust signature: what the hub tells its devices of keys and rules, in a DSSE envelope by the key that they learned when they joined. */
import { createPublicKey, sign, verify } from 'node:crypto'
import { TRUST_PAYLOAD_TYPE, TrustDocument, type TrustEnvelope } from '@skerry/contract/models/trust'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import type { KeyPair } from '../certificates/private-key.ts'
import { hashFor, preAuthenticationEncoding, signingKeyId } from './dsse.ts'

export type TrustVerdict = { ok: true; document: TrustDocument } | { ok: false; message: string }

/** Signs the document, spelled canonically. */
export function signTrust(document: TrustDocument, { privateKeyPem, publicKeyPem }: KeyPair): TrustEnvelope {
  const payload = Buffer.from(canonicalJson(document))
  const hash = hashFor(createPublicKey(publicKeyPem))
  const signature = sign(hash, preAuthenticationEncoding(TRUST_PAYLOAD_TYPE, payload), privateKeyPem)
  return {
    payload: payload.toString('base64'),
    payloadType: TRUST_PAYLOAD_TYPE,
    signatures: [{ sig: signature.toString('base64'), keyid: signingKeyId(publicKeyPem) }],
  }
}

/** What one of the trusted keys (PEM, SPKI) has signed. Nothing of the payload is believed, or even parsed, before the signature holds. */
export function verifyTrust(
  { payload, payloadType, signatures }: TrustEnvelope,
  trustedKeys: readonly string[],
): TrustVerdict {
  const [{ sig, keyid } = { sig: '', keyid: '' }] = signatures
  const trusted = trustedKeys.find((pem) => signingKeyId(pem) === keyid)
  if (!trusted)
    return { ok: false, message: `it is signed by the key ${keyid}, which this device did not learn when it joined` }
  const bytes = Buffer.from(payload, 'base64')
  const key = createPublicKey(trusted)
  if (!verify(hashFor(key), preAuthenticationEncoding(payloadType, bytes), key, Buffer.from(sig, 'base64'))) {
    return { ok: false, message: 'its signature does not fit it; one of them was changed' }
  }
  try {
    return { ok: true, document: TrustDocument.parse(JSON.parse(bytes.toString('utf8'))) }
  } catch {
    return { ok: false, message: 'this agent cannot read it; update the agent' }
  }
}
