/** Report text: signed test results of a version, for people. */
import type { TestReport } from '@skerry/contract/checks/test-report'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText, digestText, instantText } from '../../program/terminal/words.ts'

/** The sentence after a result was attached. */
export const attachedText = (name: string, { suite, passed, checks, digest }: TestReport): string =>
  `attached the result of the suite ${suite} to ${name}: ${countText(checks, 'check')}, ${passed ? 'passed' : 'failed'} (${digest})`

/** Results, one a line; empty if there are none and no text says so. */
export const reportsTable = (reports: readonly TestReport[], style: Style, none: string): string =>
  tableOf(
    style,
    ['SUITE', 'RESULT', 'CHECKS', 'ENDED', 'SIGNED BY', 'DIGEST'],
    reports.map(({ suite, passed, checks, failed, finishedAtMs, key, digest }) => [
      suite,
      passed ? style.green('passed') : style.red('failed'),
      failed.length === 0 ? String(checks) : `${failed.length} of ${checks} failed`,
      instantText(finishedAtMs),
      `${key.name ?? key.keyId.slice(0, 12)}${key.state === 'revoked' ? ' (revoked)' : ''}`,
      digestText(digest),
    ]),
    none,
  )
