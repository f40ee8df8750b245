/** Entitlement signature: a publisher's entitlement in a DSSE envelope. */
import {
  ENTITLEMENT_PAYLOAD_TYPE,
  type EntitlementEnvelope,
  EntitlementStatement,
} from '@skerry/contract/market/entitlement'
import type { SigningKeyId } from '@skerry/contract/models/trust'
import type { Digest } from '@skerry/contract/values/digest'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '../files/hash.ts'
import { signersOf, signPayload } from './dsse-envelope.ts'

/** Signs the statement, spelled canonically. */
export function signEntitlement(statement: EntitlementStatement, privateKeyPem: string): EntitlementEnvelope {
  const payload = Buffer.from(canonicalJson(statement))
  const signatures = signPayload(ENTITLEMENT_PAYLOAD_TYPE, payload, [privateKeyPem])
  return { payload: payload.toString('base64'), payloadType: ENTITLEMENT_PAYLOAD_TYPE, signatures }
}

/** The digest identifies the statement and its signer. */
export type OpenedEntitlement =
  | { ok: true; statement: EntitlementStatement; keyId: SigningKeyId; digest: Digest }
  | { ok: false; message: string }

/** The statement, if a trusted key signed it. Nothing of it is parsed before. */
export function openEntitlement(envelope: EntitlementEnvelope, trustedKeys: readonly string[]): OpenedEntitlement {
  const [keyId] = signersOf(envelope, trustedKeys)
  if (keyId === undefined) {
    return { ok: false, message: 'no trusted key signed the entitlement; trust its key with "skerry signing-key add"' }
  }
  const bytes = Buffer.from(envelope.payload, 'base64')
  try {
    const statement = EntitlementStatement.parse(JSON.parse(bytes.toString('utf8')))
    // Two publishers can sign the same statement, and one of them may not count for the catalogue.
    return { ok: true, statement, keyId, digest: digestOf(Buffer.concat([bytes, Buffer.from(keyId)])) }
  } catch {
    return { ok: false, message: 'the signed statement is unreadable; ask the publisher for another one' }
  }
}
