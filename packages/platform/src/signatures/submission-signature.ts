/** Submission signature: the statement of a submission in a DSSE envelope, signed by its publisher. */
import {
  SUBMISSION_PAYLOAD_TYPE,
  type SubmissionEnvelope,
  SubmissionStatement,
} from '@skerry/contract/market/submission'
import type { SigningKeyId } from '@skerry/contract/models/trust'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { signersOf, signPayload } from './dsse-envelope.ts'

/** Signs the statement, spelled canonically. */
export function signSubmission(statement: SubmissionStatement, privateKeyPem: string): SubmissionEnvelope {
  const payload = Buffer.from(canonicalJson(statement))
  const signatures = signPayload(SUBMISSION_PAYLOAD_TYPE, payload, [privateKeyPem])
  return { payload: payload.toString('base64'), payloadType: SUBMISSION_PAYLOAD_TYPE, signatures }
}

export type OpenedSubmission =
  | { ok: true; statement: SubmissionStatement; keyId: SigningKeyId }
  | { ok: false; message: string }

/** The statement, if a trusted key signed it. Nothing of it is parsed before. */
export function openSubmission(envelope: SubmissionEnvelope, trustedKeys: readonly string[]): OpenedSubmission {
  const [keyId] = signersOf(envelope, trustedKeys)
  if (keyId === undefined) {
    return { ok: false, message: 'no trusted key signed the submission; trust its key with "skerry signing-key add"' }
  }
  try {
    const text = Buffer.from(envelope.payload, 'base64').toString('utf8')
    return { ok: true, statement: SubmissionStatement.parse(JSON.parse(text)), keyId }
  } catch {
    return { ok: false, message: 'the signed statement is unreadable; submit with the newest command line' }
  }
}
