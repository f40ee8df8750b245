/**
 * Second look: which failed tests may run once more, alone, at the end of a run. A test that passes then has failed because the machine was
 * busy: it counts as passed and is printed as flaky. Tests of kills, races and laws get no second look, since their failure is a finding.
 */
import type { TestFailure, TestReport } from './test-report.ts'

/** More tests than these do not fail by chance together. */
export const FLAKY_MAX = 3

/** Files to run once more. None if a failure stays whatever they say. */
export function filesForSecondLook({ failures }: TestReport): string[] {
  if (failures.length > FLAKY_MAX || failures.some(isFinal)) return []
  return [...new Set(failures.map(({ file }) => file))]
}

const isFinal = ({ tags }: TestFailure) => tags.includes('strict') || tags.includes('law')

export type Verdict = { flaky: TestFailure[]; failed: TestFailure[] }

/** A failed test is flaky if its file ran again and had no failure then. */
export function verdictOf(first: TestReport, second: ReadonlyMap<string, TestReport>): Verdict {
  const isFlaky = ({ file }: TestFailure) => second.get(file)?.failures.length === 0
  return { flaky: first.failures.filter(isFlaky), failed: first.failures.filter((failure) => !isFlaky(failure)) }
}
