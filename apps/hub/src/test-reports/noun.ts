/** Test reports: signed test results of versions, and the rules that require them. */
import type { Noun } from '../nouns/noun.ts'
import { testPolicyHandlers, testReportHandlers } from './test-report-handlers.ts'

type Handlers = { testReport: typeof testReportHandlers; testPolicy: typeof testPolicyHandlers }

const handlers: Handlers = { testReport: testReportHandlers, testPolicy: testPolicyHandlers }

export const testReportNoun = {
  handlers,
  purge: [
    ['test_reports', ['version_id', 'digest']],
    ['test_policies', ['organisation_id']],
  ],
  raises: { testReport: ['models'], testPolicy: ['models'] },
} satisfies Noun
