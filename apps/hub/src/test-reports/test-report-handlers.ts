/** Handlers of the procedures on signed test results, and on the rules that require them. */
import type { TestPolicy } from '@skerry/contract/checks/test-report'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { knownVersion } from '../models/known-version.ts'
import { findTestReport, publisherKeys, saveTestPolicy, testPolicy } from './test-report-store.ts'
import { attachTestReport, testReportDetail, versionTests } from './version-tests.ts'

export const testReportHandlers = {
  list: os.testReport.list.handler(async ({ context: { hub, organisationId }, input: { name, version } }) => {
    const { db } = hub.store
    return versionTests(db, hub, await knownVersion(db, { organisationId, name }, version))
  }),
  get: os.testReport.get.handler(async ({ context: { hub, organisationId }, input: { name, version, report } }) => {
    const { db } = hub.store
    const { id } = await knownVersion(db, { organisationId, name }, version)
    const row = await findTestReport(db, id, report)
    if (!row) throw problem('test_report_unknown')
    return testReportDetail(db, row)
  }),
  attach: os.testReport.attach.handler(({ context, input: { name, version, bundle } }) =>
    context.change(async (tx, note) => {
      const { hub, organisationId, caller } = context
      const row = await knownVersion(tx, { organisationId, name }, version)
      const attached = { bundle, nowMs: hub.clock.nowMs(), by: caller.name }
      const report = await attachTestReport(tx, row, attached)
      note.object = { kind: 'version', id: `${row.name}:${row.version}` }
      const { digest, suite, passed, key, finishedAtMs } = report
      note.detail = { digest, suite, passed, key: key.keyId, finishedAtMs }
      return report
    }),
  ),
}

export const testPolicyHandlers = {
  get: os.testPolicy.get.handler(({ context: { hub, organisationId } }) => testPolicy(hub.store.db, organisationId)),
  set: os.testPolicy.set.handler(({ context, input: { rules, ifRevision } }): Promise<TestPolicy> => {
    const { hub, organisationId, caller } = context
    return context.change(async (tx, note) => {
      const before = await testPolicy(tx, organisationId)
      if (ifRevision !== undefined && ifRevision !== before.revision) throw problem('revision_stale')
      const known = new Set((await publisherKeys(tx, organisationId)).map(({ key_id }) => key_id))
      const stranger = rules.flatMap((rule) => rule.keys).find((key) => !known.has(key))
      if (stranger !== undefined)
        throw problem(
          'signing_key_unknown',
          `no publisher has the key ${stranger}; add it with "skerry signing-key add"`,
        )
      await saveTestPolicy(tx, { organisationId, rules, nowMs: hub.clock.nowMs(), by: caller.name })
      note.detail = { before: before.rules, after: rules }
      return testPolicy(tx, organisationId)
    })
  }),
}
