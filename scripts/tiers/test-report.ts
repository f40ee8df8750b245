/** Test report: what a run of vitest has found, read from the JSON that it writes. */
import { readFile } from 'node:fs/promises'
import * as z from 'zod'

/** The fields that we read of vitest's JSON report, which is Jest's with tags. */
const Report = z.object({
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          tags: z.array(z.string()).default([]),
          failureMessages: z.array(z.string()).nullable().default([]),
        }),
      ),
    }),
  ),
})

export type TestFailure = {
  file: string
  /** Of the test; of the file if it did not load or its setup failed. */
  name: string
  tags: readonly string[]
  messages: readonly string[]
}

export type TestReport = { passed: number; failures: TestFailure[]; skipped: string[] }

export type Tier = 'quick' | 'deep'

/** As the filters of vitest: whether a test with these tags runs in the tier. */
export const isInTier = (tier: Tier, tags: readonly string[]): boolean =>
  tier === 'quick' ? !tags.includes('deep') : tags.some((tag) => ['deep', 'law', 'strict'].includes(tag))

export const TAGS_FILTER: Record<Tier, string> = { quick: '!deep', deep: 'deep or law or strict' }

/**
 * A run that wrote no report, or that says it failed without a failed test, counts as one failure: nothing fails silently. Tests of the
 * other tier are left out; a test of this tier that was skipped is named.
 */
export async function readReport(path: string, tier: Tier): Promise<TestReport> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return { passed: 0, failures: [failureOf(path, 'wrote no report')], skipped: [] }
  const { success, testResults } = Report.parse(JSON.parse(text))
  const tests = testResults.flatMap(({ name: file, assertionResults }) =>
    assertionResults.map((result) => ({ file, ...result })),
  )
  const failed = tests.filter(({ status }) => status === 'failed')
  const failures: TestFailure[] = [
    ...failed.map(({ file, fullName, tags, failureMessages }) => ({
      file,
      name: fullName,
      tags,
      messages: failureMessages ?? [],
    })),
    ...testResults
      .filter(({ name, status }) => status === 'failed' && !failed.some(({ file }) => file === name))
      .map(({ name, message }) => failureOf(name, message)),
  ]
  if (!success && failures.length === 0) failures.push(failureOf(path, 'the run failed without a failed test'))
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failures,
    skipped: tests
      .filter(({ status, tags }) => status !== 'passed' && status !== 'failed' && isInTier(tier, tags))
      .map(({ fullName }) => fullName),
  }
}

const failureOf = (file: string, message: string): TestFailure => ({ file, name: file, tags: [], messages: [message] })

export const addReports = (reports: readonly TestReport[]): TestReport => ({
  passed: reports.reduce((sum, { passed }) => sum + passed, 0),
  failures: reports.flatMap(({ failures }) => failures),
  skipped: reports.flatMap(({ skipped }) => skipped),
})
