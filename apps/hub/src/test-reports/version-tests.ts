/** Version tests: whether the rules allow a rollout of a version, by its signed test results. */
import {
  AHEAD_MAX_MS,
  SUITES_MAX,
  type TestReport,
  type TestReportDetail,
  USUAL_SUITE,
  type VersionTests,
} from '@skerry/contract/checks/test-report'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import { type SigningKeyId, SigningKeyId as SigningKeyIdSchema } from '@skerry/contract/models/trust'
import { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { uncoveredFile, unmetTestRule } from '@skerry/core/checks/test-rules'
import { digestOf } from '@skerry/platform/files/hash'
import { type OpenedTestReport, openTestReport } from '@skerry/platform/signatures/test-signature'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { filesOf, resolveVersion } from '../models/version-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SigningKeyTable } from '../store/tables/access/trust-tables.ts'
import type { TestReportTable } from '../store/tables/checks/test-report-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { listTestReports, publisherKeys, saveTestReport, testPolicy } from './test-report-store.ts'

type Facts = Pick<Hub, 'clock'>

/** The rule that the version does not meet, in words; undefined if it meets all. */
async function untestedReason(db: Db, hub: Facts, row: VersionTable): Promise<string | undefined> {
  const { rules } = await testPolicy(db, row.organisation_id)
  if (rules.length === 0) return undefined
  const keys = await publisherKeys(db, row.organisation_id)
  const valid = new Set<string>(keys.filter(({ state }) => state !== 'revoked').map(({ key_id }) => key_id))
  const reports = (await listTestReports(db, row.id))
    .filter(({ key_id }) => valid.has(key_id))
    .map(({ suite, key_id, passed, finished_at_ms }) => ({
      suite,
      keyId: key_id,
      passed: passed === 1,
      finishedAtMs: finished_at_ms,
    }))
  return unmetTestRule(rules, { name: row.name, version: row.version, reports, nowMs: hub.clock.nowMs() })
}

type Deployed = { organisationId: OrganisationId; deployable: string; version: number }

/** Rejects a rollout of a version without the required test results. The results count for its builds, too. */
export async function refuseUntested(db: Db, hub: Facts, { organisationId, deployable, version }: Deployed) {
  const found = await resolveVersion(db, { organisationId, name: deployable }, String(version))
  const reason = found.ok ? await untestedReason(db, hub, found.version) : undefined
  if (reason !== undefined) throw problem('version_untested', reason)
}

/** The test results of a version in the API. */
export async function versionTests(db: Db, hub: Facts, row: VersionTable): Promise<VersionTests> {
  const keys = await publisherKeys(db, row.organisation_id)
  const reason = await untestedReason(db, hub, row)
  return {
    reports: (await listTestReports(db, row.id)).map((each) => testReportOf(each, keys)),
    ...(reason !== undefined && { problem: { code: 'version_untested', message: reason } }),
  }
}

/** The newest result of each suite. */
export async function newestTests(db: Db, row: VersionTable): Promise<TestReport[]> {
  const reports = await listTestReports(db, row.id)
  if (reports.length === 0) return []
  const keys = await publisherKeys(db, row.organisation_id)
  const newest = new Map(reports.toReversed().map((each) => [each.suite, each]))
  return [...newest.values()].map((each) => testReportOf(each, keys))
}

/** A test result in the API. */
export function testReportOf(row: Omit<TestReportTable, 'bundle'>, keys: readonly SigningKeyTable[]): TestReport {
  const key = keys.find(({ key_id }) => key_id === row.key_id)
  return {
    digest: row.digest,
    suite: row.suite,
    passed: row.passed === 1,
    key: { keyId: row.key_id, ...(key && { name: key.name, state: key.state }) },
    finishedAtMs: row.finished_at_ms,
    ...fromJson(row.summary),
    addedAtMs: row.added_at_ms,
    addedBy: row.added_by,
  }
}

/** The same with its checks and its signature. */
export async function testReportDetail(db: Db, row: TestReportTable): Promise<TestReportDetail> {
  const keys = await publisherKeys(db, row.organisation_id)
  const bundle = fromJson(row.bundle)
  // A key that is revoked by now signed it all the same.
  const opened = openTestReport(
    bundle,
    keys.map(({ public_key_pem }) => public_key_pem),
  )
  return { ...testReportOf(row, keys), outcomes: (opened.ok && opened.report?.checks) || [], bundle }
}

type Attached = { bundle: SigstoreBundle; nowMs: number; by: string }

/** Verifies the result and stores it. Throws if an active key of a publisher did not sign it, or for other files. */
export async function attachTestReport(
  tx: Tx,
  row: VersionTable,
  { bundle, nowMs, by }: Attached,
): Promise<TestReport> {
  const keys = await publisherKeys(tx, row.organisation_id)
  const active = keys.filter(({ state }) => state === 'active')
  const opened = openTestReport(
    bundle,
    active.map(({ public_key_pem }) => public_key_pem),
  )
  if (!opened.ok) throw problem('test_report_refused', opened.message)
  const { report, statement } = opened
  refuseWrong(opened, { files: await filesOf(tx, row.id), title: `${row.name}:${row.version}`, nowMs })
  const stored: TestReportTable = {
    version_id: row.id,
    digest: digestOf(Buffer.from(bundle.dsseEnvelope.payload, 'base64')),
    organisation_id: row.organisation_id,
    suite: Name.parse(report?.suite ?? USUAL_SUITE),
    key_id: keyIdOf(opened),
    passed: statement.predicate.result === 'FAILED' ? 0 : 1,
    finished_at_ms: report?.finishedAtMs ?? nowMs,
    summary: toJson(summaryOf(opened)),
    bundle: toJson(bundle),
    added_at_ms: nowMs,
    added_by: by,
  }
  const before = await listTestReports(tx, row.id)
  const known = before.find(({ digest }) => digest === stored.digest)
  if (known) return testReportOf(known, keys)
  const suites = new Set([...before.map(({ suite }) => suite), stored.suite])
  if (suites.size > SUITES_MAX) throw problem('test_suites_full')
  await saveTestReport(tx, stored)
  return testReportOf(stored, keys)
}

type Opened = Extract<OpenedTestReport, { ok: true }>

const keyIdOf = ({ keyId }: Opened): SigningKeyId => SigningKeyIdSchema.parse(keyId)

type Judged = { files: readonly { path: string; digest: string }[]; title: string; nowMs: number }

function refuseWrong({ statement, report }: Opened, { files, title, nowMs }: Judged): void {
  const subjects = new Set<string>(statement.subject.map(({ digest }) => `sha256:${digest.sha256}`))
  const missing = uncoveredFile(files, { subjects, besides: GOLDEN_PATH })
  if (missing !== undefined)
    throw problem('test_report_refused', `the result is not about ${title}: it does not name the bytes of ${missing}`)
  if (!report) return
  if (report.finishedAtMs > nowMs + AHEAD_MAX_MS)
    throw problem('test_report_refused', 'the checks ended in the future; set the clock of the computer that ran them')
  const hasPassed = report.checks.every(({ passed }) => passed)
  if (hasPassed !== report.passed || hasPassed !== (statement.predicate.result !== 'FAILED'))
    throw problem('test_report_refused', 'the result contradicts its own checks')
}

/** The longest names that a list shows; the signed statement has the rest. */
const FAILED_SHOWN = 64

function summaryOf({ statement, report }: Opened) {
  const { configuration, passedTests = [], warnedTests = [], failedTests = [] } = statement.predicate
  const checkFile = report?.checkFile ?? Digest.safeParse(`sha256:${configuration[0]?.digest.sha256}`).data
  return {
    checks: passedTests.length + warnedTests.length + failedTests.length,
    failed: failedTests.slice(0, FAILED_SHOWN),
    ...(checkFile && { checkFile }),
    ...(report && { tool: report.tool }),
  }
}
