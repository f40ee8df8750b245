/** Test report store: signed test results of versions, and the rules that require them, as records. */
import { REPORTS_OF_SUITE_MAX, type TestPolicy, type TestRule } from '@skerry/contract/checks/test-report'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId, VersionId } from '@skerry/contract/values/ids'
import { toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SigningKeyTable } from '../store/tables/access/trust-tables.ts'
import type { TestReportTable } from '../store/tables/checks/test-report-tables.ts'
import { policyOf } from '../trust/policy-row-store.ts'

/** The keys that may sign test results: the hub runs no checks, and signs none. */
export function publisherKeys(db: Db, organisationId: OrganisationId): Promise<SigningKeyTable[]> {
  return db
    .selectFrom('signing_keys')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('kind', '=', 'publisher')
    .execute()
}

/** The results without their signatures, the newest first. */
export function listTestReports(db: Db, versionId: VersionId): Promise<Omit<TestReportTable, 'bundle'>[]> {
  return db
    .selectFrom('test_reports')
    .select(['version_id', 'digest', 'organisation_id', 'suite', 'key_id', 'passed', 'finished_at_ms', 'summary'])
    .select(['added_at_ms', 'added_by'])
    .where('version_id', '=', versionId)
    .orderBy('finished_at_ms', 'desc')
    .orderBy('digest')
    .execute()
}

export function findTestReport(db: Db, versionId: VersionId, digest: Digest): Promise<TestReportTable | undefined> {
  return db
    .selectFrom('test_reports')
    .selectAll()
    .where('version_id', '=', versionId)
    .where('digest', '=', digest)
    .executeTakeFirst()
}

/** Keeps the newest results of the suite. A result that the version has already stays as it is. */
export async function saveTestReport(tx: Tx, row: TestReportTable): Promise<void> {
  await tx
    .insertInto('test_reports')
    .values(row)
    .onConflict((conflict) => conflict.columns(['version_id', 'digest']).doNothing())
    .execute()
  const same = (await listTestReports(tx, row.version_id)).filter(({ suite }) => suite === row.suite)
  const old = same.slice(REPORTS_OF_SUITE_MAX).map(({ digest }) => digest)
  if (old.length === 0) return
  await tx.deleteFrom('test_reports').where('version_id', '=', row.version_id).where('digest', 'in', old).execute()
}

/** The rules; none if the organisation has never set any. */
export async function testPolicy(db: Db, organisationId: OrganisationId): Promise<TestPolicy> {
  const row = await db
    .selectFrom('test_policies')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return policyOf(row)
}

type PolicyChange = { organisationId: OrganisationId; rules: TestRule[]; nowMs: number; by: string }

/** Replaces all rules. */
export async function saveTestPolicy(tx: Tx, { organisationId, rules, nowMs, by }: PolicyChange): Promise<void> {
  const { revision } = await testPolicy(tx, organisationId)
  const changed = { revision: revision + 1, rules: toJson(rules), updated_at_ms: nowMs, updated_by: by }
  await tx
    .insertInto('test_policies')
    .values({ organisation_id: organisationId, ...changed })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet(changed))
    .execute()
}
