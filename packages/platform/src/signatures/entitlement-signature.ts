/** Entitlement signature: a publisher's entitlement in a DSSE envelope. */
import {
  ENTITLEMENT_PAYLOAD_TYPE,
  type EntitlementEnvelope,
  EntitlementStatement,
} from '@skerry/contract/market/entitlement'
import type { SigningKeyId } from '@skerry/contract/models/trust'
import type { Digest } from '@skerry/contract/values/digest'
import { digestOf } from '../files/hash.ts'
import { openStatement, signStatement } from './dsse-envelope.ts'

/** Signs the statement, spelled canonically. */
export const signEntitlement = (statement: EntitlementStatement, privateKeyPem: string): EntitlementEnvelope =>
  signStatement(ENTITLEMENT_PAYLOAD_TYPE, statement, privateKeyPem)

/** The digest identifies the statement and its signer. */
export type OpenedEntitlement =
  | { ok: true; statement: EntitlementStatement; keyId: SigningKeyId; digest: Digest }
  | { ok: false; message: string }

const MESSAGES = {
  unsigned: 'no trusted key signed the entitlement; trust its key with "skerry signing-key add"',
  unreadable: 'the signed statement is unreadable; ask the publisher for another one',
}

/** The statement, if a trusted key signed it. */
export function openEntitlement(envelope: EntitlementEnvelope, trustedKeys: readonly string[]): OpenedEntitlement {
  const opened = openStatement(envelope, trustedKeys, (document) => EntitlementStatement.parse(document))
  if (!opened.ok) return { ok: false, message: MESSAGES[opened.problem] }
  // Two publishers can sign the same statement, and one of them may not count for the catalogue.
  const signed = [Buffer.from(envelope.payload, 'base64'), Buffer.from(opened.keyId)]
  return { ...opened, digest: digestOf(Buffer.concat(signed)) }
}
