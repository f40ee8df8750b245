/** DSSE envelope: signs a payload by several keys, and finds the trusted keys that signed one. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { SigningKeyId } from '@skerry/contract/models/trust'
import { canonicalJson } from '@skerry/core/values/canonical-json'
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

/** The canonical spelling of the statement, signed by one key (PEM). */
export function signStatement<Type extends string>(
  payloadType: Type,
  statement: object,
  privateKeyPem: string,
): { payload: string; payloadType: Type; signatures: Signature[] } {
  const payload = Buffer.from(canonicalJson(statement))
  const signatures = signPayload(payloadType, payload, [privateKeyPem])
  return { payload: payload.toString('base64'), payloadType, signatures }
}

export type OpenedStatement<Statement> =
  | { ok: true; statement: Statement; keyId: SigningKeyId }
  /** `unsigned`: no trusted key signed it. `unreadable`: one did, and this program cannot read the statement. */
  | { ok: false; problem: 'unsigned' | 'unreadable' }

/** The statement, if a trusted key (PEM, SPKI) signed it. Nothing of it is parsed before. */
export function openStatement<Statement>(
  envelope: SignedEnvelope,
  trustedKeys: readonly string[],
  parse: (document: unknown) => Statement,
): OpenedStatement<Statement> {
  const [keyId] = signersOf(envelope, trustedKeys)
  if (keyId === undefined) return { ok: false, problem: 'unsigned' }
  try {
    return { ok: true, statement: parse(JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'))), keyId }
  } catch {
    return { ok: false, problem: 'unreadable' }
  }
}

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
