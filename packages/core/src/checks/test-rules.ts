/** Test rules: whether a version has the signed test results that the rules of its organisation require. */
import type { TestRule } from '@skerry/contract/checks/test-report'
import { fitsPattern } from '../models/trust-rules.ts'

/** A result whose key is not revoked. */
export type KnownReport = { suite: string; keyId: string; passed: boolean; finishedAtMs: number }

export type TestFacts = {
  name: string
  version: number
  /** Without the reports of revoked keys. */
  reports: readonly KnownReport[]
  nowMs: number
}

const DAY_MS = 86_400_000

/** The first rule that the version does not meet, in words, with the command that helps; undefined if it meets all. */
export function unmetTestRule(rules: readonly TestRule[], facts: TestFacts): string | undefined {
  for (const rule of rules) {
    if (!fitsPattern(rule.models, facts.name)) continue
    const problem = ruleProblem(rule, facts)
    if (problem !== undefined) return `${problem}; ${nextStep(rule, facts)}`
  }
  return undefined
}

/** The newest result decides: an older one that passed does not hide a failure. */
function ruleProblem({ suite, keys, withinDays }: TestRule, facts: TestFacts): string | undefined {
  const title = `${facts.name}:${facts.version}`
  const ids = new Set<string>(keys)
  const own = facts.reports.filter((report) => report.suite === suite && ids.has(report.keyId))
  const newestMs = Math.max(...own.map(({ finishedAtMs }) => finishedAtMs))
  const newest = own.filter(({ finishedAtMs }) => finishedAtMs === newestMs)
  if (newest.length === 0) {
    const names = keys.map((key) => key.slice(0, 12)).join(', ')
    return `${title} has no result of the suite ${suite} that ${keys.length === 1 ? 'the key' : 'one of the keys'} ${names} signed`
  }
  if (newest.some(({ passed }) => !passed)) return `the newest result of the suite ${suite} for ${title} failed`
  const days = Math.floor((facts.nowMs - newestMs) / DAY_MS)
  if (withinDays !== undefined && facts.nowMs - newestMs > withinDays * DAY_MS)
    return `the newest result of the suite ${suite} for ${title} is ${days} days old, and the rule allows ${withinDays}`
  return undefined
}

const nextStep = ({ suite }: TestRule, { name, version }: TestFacts) =>
  `run "skerry test ${name}:${version} --sign KEY.pem --attach" with the check file of the suite ${suite}`

type NamedFile = { path: string; digest: string }

/** The path of the first file that the result does not name; golden cases are no part of the model that runs. */
export function uncoveredFile(
  files: readonly NamedFile[],
  { subjects, besides }: { subjects: ReadonlySet<string>; besides: string },
): string | undefined {
  return files.find(({ path, digest }) => path !== besides && !subjects.has(digest))?.path
}
