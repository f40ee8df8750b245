/** Tests card: the signed test results of a version, and the rule that keeps it from a rollout. */
import type { TestReport } from '@skerry/contract/checks/test-report'
import type { VersionDetail } from '@skerry/contract/models/model'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Copyable, shortDigest } from '../../../components/facts/copyable.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { modelQueries } from '../model-queries.ts'
import { testTexts } from './english-tests.ts'

/** Nothing if the version has no results and no rule requires one. */
export function TestsCard({ version: { name, version } }: { version: VersionDetail }) {
  const { data } = useQuery(modelQueries.versionTests(name, String(version)))
  if (!data || (data.reports.length === 0 && !data.problem)) return null
  return (
    <Card title={testTexts.title} isFlush>
      {data.problem && (
        <p role="note" className="p-4 text-sm text-bad wrap-anywhere">
          {testTexts.refused} {data.problem.message}
        </p>
      )}
      {data.reports.length > 0 && (
        <PlainTable
          label={testTexts.title}
          headers={[
            testTexts.columns.suite,
            testTexts.columns.result,
            testTexts.columns.ended,
            testTexts.columns.key,
            testTexts.columns.digest,
          ]}
          rows={data.reports.map((report) => ({ key: report.digest, cells: cellsOf(report) }))}
        />
      )}
    </Card>
  )
}

function cellsOf(report: TestReport) {
  const { suite, key, finishedAtMs, digest } = report
  return [
    suite,
    <Result key="result" report={report} />,
    <Instant key="ended" ms={finishedAtMs} isAbsolute />,
    <span key="key">
      {key.name ?? shortDigest(key.keyId)}
      {key.state === 'revoked' && <span className="text-bad"> {testTexts.revoked}</span>}
    </span>,
    <Copyable key="digest" value={digest} shown={shortDigest(digest)} what={testTexts.columns.digest} />,
  ]
}

function Result({ report: { passed, checks, failed } }: { report: TestReport }) {
  return (
    <span className="flex flex-col items-start gap-1">
      <Badge tone={passed ? 'good' : 'bad'} icon={passed ? CircleCheck : CircleX} isPlain>
        {passed ? testTexts.passed(checks) : testTexts.failed(failed.length, checks)}
      </Badge>
      {failed.length > 0 && <span className="text-xs text-soft wrap-anywhere">{failed.join(', ')}</span>}
    </span>
  )
}
