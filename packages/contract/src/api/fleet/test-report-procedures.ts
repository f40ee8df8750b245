/** Procedures on signed test results of versions, and on the rules that require them. */
import * as z from 'zod'
import { TestPolicy, TestReport, TestReportDetail, TestRules, VersionTests } from '../../checks/test-report.ts'
import { VersionReference } from '../../models/model.ts'
import { SigstoreBundle } from '../../models/signature.ts'
import { Digest } from '../../values/digest.ts'
import { Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

const unknown = ['model_unknown', 'version_unknown', 'alias_unknown'] as const
const reference = { name: Name, version: VersionReference }

export const testReportProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/test-reports',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the signed test results of a version, and whether the rules allow its rollout',
    errors: unknown,
  })
    .input(z.strictObject(reference))
    .output(VersionTests),
  get: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/test-reports/{report}',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show a signed test result of a version with its checks and its signature',
    errors: [...unknown, 'test_report_unknown'],
  })
    .input(z.strictObject({ ...reference, report: Digest }))
    .output(TestReportDetail),
  attach: procedure({
    method: 'POST',
    path: '/v1/models/{name}/versions/{version}/test-reports',
    // The signature counts. The sender needs no more than the permission to push the version.
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Attach a signed test result to the version whose files it names',
    errors: [...unknown, 'test_report_refused', 'test_suites_full'],
  })
    .input(z.strictObject({ ...reference, bundle: SigstoreBundle }))
    .output(TestReport),
}

export const testPolicyProcedures = {
  get: procedure({
    method: 'GET',
    path: '/v1/test-rules',
    access: 'trust.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show the rules of tests: the signed test results that a rollout needs',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(TestPolicy),
  set: procedure({
    method: 'PUT',
    path: '/v1/test-rules',
    access: 'trust.write',
    scope: 'none',
    approval: 'none',
    summary: 'Set the rules of tests: the signed test results that a rollout needs; replaces all rules',
    errors: ['signing_key_unknown', 'revision_stale'],
  })
    .input(
      z.strictObject({
        rules: TestRules,
        /** The call is rejected if the rules have another revision by now. */
        ifRevision: z.int().min(0).optional(),
      }),
    )
    .output(TestPolicy),
}
