import type { TestReportDetail } from '@skerry/contract/checks/test-report'
import { Digest } from '@skerry/contract/values/digest'
import { command, fits, required, value } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { parseModelReference } from '../../program/values.ts'
import { reportsTable } from './report-text.ts'

export const listModelTests = command({
  name: 'model tests',
  summary: 'Show the signed test results of a version, and whether the rules allow its rollout',
  details:
    'With --report, it shows one result with all its checks. With --json, that has the signed statement, which other tools verify.',
  examples: ['skerry model tests anomaly:2', 'skerry model tests anomaly:2 --report sha256:... --json'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: { report: value('--report <digest>', 'one result, by its digest', fits(Digest)) },
  async run({ reference: { name, version = 'latest' }, report }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    if (report !== undefined) {
      const detail = await client.testReport.get({ name, version, report }, { signal })
      session.print({ json: detail, text: () => detailText(detail, style) })
      return
    }
    const tests = await client.testReport.list({ name, version }, { signal })
    const { problem, reports } = tests
    session.print({
      json: tests,
      text: () =>
        [
          reportsTable(reports, style, 'no results; "skerry test --sign KEY.pem --attach" attaches one'),
          problem ? `the rules allow no rollout: ${problem.message}` : 'the rules of tests allow a rollout',
        ].join('\n\n'),
    })
  },
})

function detailText(detail: TestReportDetail, style: Style): string {
  const rows = detail.outcomes.map(({ check, name, passed, measured, limit }) => [
    passed ? style.green('passed') : style.red('failed'),
    check,
    name === check ? '' : name,
    measured,
    limit,
  ])
  const none = detail.failed.length === 0 ? 'the result has no measured values' : `failed: ${detail.failed.join(', ')}`
  return [
    reportsTable([detail], style, ''),
    tableOf(style, ['RESULT', 'CHECK', 'NAME', 'MEASURED', 'LIMIT'], rows, none),
  ].join('\n\n')
}
