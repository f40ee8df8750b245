/** Certificate reply: what the hub says with a certificate for a device, signed so that the TLS key alone cannot say it. */
import {
  CERTIFICATE_REPLY_PAYLOAD_TYPE,
  type CertificateEnvelope,
  CertificateStatement,
} from '@skerry/contract/link/link-message'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '../files/hash.ts'
import { statementOpener, statementSigner } from '../signatures/signed-statement.ts'
import type { KeyPair } from './private-key.ts'

/** The reply with its envelope. */
export function signCertificateReply<Reply extends object>(
  csr: string,
  reply: Reply,
  key: KeyPair,
): Reply & { envelope: CertificateEnvelope } {
  const statement: CertificateStatement = { v: 1, request: digestOf(csr), reply: digestOf(canonicalJson(reply)) }
  return { ...reply, envelope: statementSigner(CERTIFICATE_REPLY_PAYLOAD_TYPE, key)(statement) }
}

/** Why the reply does not count; undefined if one of the trusted keys (PEM, SPKI) signed all of it for this request. */
export function certificateReplyProblem(
  csr: string,
  { envelope, ...reply }: { envelope: CertificateEnvelope },
  trustedKeys: readonly string[],
): string | undefined {
  const opened = statementOpener(CERTIFICATE_REPLY_PAYLOAD_TYPE, trustedKeys)(envelope)
  if (!opened.ok) return `the reply of the hub is invalid: ${opened.message}`
  const statement = CertificateStatement.safeParse(opened.statement).data
  const isThis = statement?.request === digestOf(csr) && statement.reply === digestOf(canonicalJson(reply))
  return isThis ? undefined : 'the reply of the hub is invalid: it was signed for another request, or was changed'
}
