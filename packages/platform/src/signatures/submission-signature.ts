/** Submission signature: the statement of a submission in a DSSE envelope, signed by its publisher. */
import {
  SUBMISSION_PAYLOAD_TYPE,
  type SubmissionEnvelope,
  SubmissionStatement,
} from '@skerry/contract/market/submission'
import type { SigningKeyId } from '@skerry/contract/models/trust'
import { openStatement, signStatement } from './dsse-envelope.ts'

/** Signs the statement, spelled canonically. */
export const signSubmission = (statement: SubmissionStatement, privateKeyPem: string): SubmissionEnvelope =>
  signStatement(SUBMISSION_PAYLOAD_TYPE, statement, privateKeyPem)

export type OpenedSubmission =
  | { ok: true; statement: SubmissionStatement; keyId: SigningKeyId }
  | { ok: false; message: string }

const MESSAGES = {
  unsigned: 'no trusted key signed the submission; trust its key with "skerry signing-key add"',
  unreadable: 'the signed statement is unreadable; submit with the newest command line',
}

/** The statement, if a trusted key signed it. */
export function openSubmission(envelope: SubmissionEnvelope, trustedKeys: readonly string[]): OpenedSubmission {
  const opened = openStatement(envelope, trustedKeys, (document) => SubmissionStatement.parse(document))
  return opened.ok ? opened : { ok: false, message: MESSAGES[opened.problem] }
}
