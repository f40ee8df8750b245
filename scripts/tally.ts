/** Tally: how many tests passed, failed and were skipped, read from the JSON that vitest writes. */
import { readFile } from 'node:fs/promises'
import * as z from 'zod'

/** The fields that we read of vitest's JSON report, which is Jest's. */
const Report = z.object({
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

export type Tally = { passed: number; failed: number; skipped: string[] }

/** A run that wrote no report, or that says it failed without a failed test, counts as one failure: nothing fails silently. */
export async function readTally(reportPath: string): Promise<Tally> {
  const text = await readFile(reportPath, 'utf8').catch(() => undefined)
  if (text === undefined) return { passed: 0, failed: 1, skipped: [] }
  const { success, testResults } = Report.parse(JSON.parse(text))
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const brokenFiles = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  const failed = tests.filter(({ status }) => status === 'failed').length + brokenFiles.length
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: success ? failed : Math.max(failed, 1),
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
  }
}

export const addTallies = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
  failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
  skipped: tallies.flatMap(({ skipped }) => skipped),
})
