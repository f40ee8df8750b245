/**
 * Test signature: the result of the checks of a model as an in-toto statement, which other tools read too
 * [in-toto attestation, predicates/test-result.md, v0.1]. Its subjects are the files of the model.
 */

import { CHECK_FILE } from '@skerry/contract/checks/check-file'
import { CheckReport, TEST_RESULT_PREDICATE_TYPE, TestStatement } from '@skerry/contract/checks/check-result'
import { IN_TOTO_STATEMENT_TYPE, type SigstoreBundle } from '@skerry/contract/models/signature'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { hexOf } from '../files/hash.ts'
import { openBundlePayload, signBundle } from './sigstore-bundle.ts'

/** Signs the report with a key in PEM. */
export function signTestReport(report: CheckReport, privateKeyPem: string): SigstoreBundle {
  const names = (passed: boolean) => report.checks.filter((one) => one.passed === passed).map(({ name }) => name)
  const statement = {
    _type: IN_TOTO_STATEMENT_TYPE,
    subject: report.files.map(({ path, digest }) => ({ name: path, digest: { sha256: hexOf(digest) } })),
    predicateType: TEST_RESULT_PREDICATE_TYPE,
    predicate: {
      result: report.passed ? 'PASSED' : 'FAILED',
      configuration: [{ name: CHECK_FILE, digest: { sha256: hexOf(report.checkFile) } }],
      passedTests: names(true),
      failedTests: names(false),
      skerry_report: report,
    },
  } satisfies TestStatement
  return signBundle(Buffer.from(canonicalJson(statement)), privateKeyPem)
}

export type OpenedTestReport =
  | { ok: true; keyId: string; statement: TestStatement; report: CheckReport | undefined }
  | { ok: false; message: string }

/** The result that one of the trusted keys (PEM, SPKI) signed. Other programs write no report of our form. */
export function openTestReport(bundle: unknown, trustedKeys: readonly string[]): OpenedTestReport {
  const opened = openBundlePayload(bundle, trustedKeys)
  if (!opened.ok) return opened
  const statement = TestStatement.safeParse(parsedPayload(opened.payload))
  if (!statement.success) return { ok: false, message: 'the payload is not an in-toto test result of version 0.1' }
  const { skerry_report: report } = statement.data.predicate
  return { ok: true, keyId: opened.keyId, statement: statement.data, report: CheckReport.safeParse(report).data }
}

function parsedPayload(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'))
  } catch {
    return undefined
  }
}
