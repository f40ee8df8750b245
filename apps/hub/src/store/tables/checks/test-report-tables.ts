/** The tables of signed test results, and of the rules that require them. */
import type { TestReport, TestRule } from '@skerry/contract/checks/test-report'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import type { SigningKeyId } from '@skerry/contract/models/trust'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type ReportSummary = Pick<TestReport, 'checks' | 'failed' | 'checkFile' | 'tool'>

export type TestReportTable = {
  version_id: VersionId
  /** Of the signed statement: another signature over the same statement is the same result. */
  digest: Digest
  organisation_id: OrganisationId
  suite: string
  key_id: SigningKeyId
  /** 1 if it passed. */
  passed: number
  finished_at_ms: number
  summary: Json<ReportSummary>
  bundle: Json<SigstoreBundle>
  added_at_ms: number
  added_by: string
}

/** One row for an organisation that has changed its rules. */
export type TestPolicyTable = {
  organisation_id: OrganisationId
  revision: number
  rules: Json<TestRule[]>
  updated_at_ms: number
  updated_by: string
}

export type TestReportTables = {
  test_reports: TestReportTable
  test_policies: TestPolicyTable
}
