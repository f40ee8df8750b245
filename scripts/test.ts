/**
 * `npm test`: everything that `npm run check` checks, then the quick tier of the tests across processes. Ends with a
 * line `N passed, N failed, N skipped`, in which a failed step of the check counts as one failure. With CI=true nothing
 * may be skipped.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { checkSteps } from './check-steps.ts'
import { ROOT, runSteps } from './step.ts'
import { FLAKY_MAX, filesForSecondLook, type Verdict, verdictOf } from './tiers/second-look.ts'
import { addReports, readReport, type TestFailure, type TestReport } from './tiers/test-report.ts'
import { runVitest } from './tiers/vitest-run.ts'

/** Failures that repeat their message at the end; more of them have one cause as a rule. */
const EXPLAINED_MAX = 10

const startMs = performance.now()
const folder = await mkdtemp(join(tmpdir(), 'skerry-test-'))
const unitPath = join(folder, 'unit.json')
const steps = await runSteps(checkSteps(unitPath))
const units = await readReport(unitPath, 'quick')
await rm(folder, { recursive: true })

const across: Awaited<ReturnType<typeof runAcross>>[] = []
for (const project of ['whole', 'web', 'postgres']) across.push(await runAcross(project))
const all = addReports([units, ...across.map(({ report }) => report)])
for (const name of all.skipped) console.log(`skipped: ${name}`)
const isSkipForbidden = process.env.CI === 'true' && all.skipped.length > 0
if (isSkipForbidden) console.log('FAILED: with CI=true no test may be skipped; install what the tests above ask for')

const flaky = across.flatMap(({ verdict }) => verdict.flaky)
for (const failure of flaky) printFailure('flaky:', failure)
const failed = [...units.failures, ...across.flatMap(({ verdict }) => verdict.failed)]
for (const [at, failure] of failed.entries()) printFailure('FAILED', failure, at < EXPLAINED_MAX)
// The unit tests are a step too, whose failures the report names one by one.
const failedSteps = steps.filter((step) => !step.passed && step.name !== 'unit tests').length
const isTooFlaky = flaky.length > FLAKY_MAX
if (isTooFlaky) console.log(`FAILED: ${flaky.length} tests are flaky, and at most ${FLAKY_MAX} are let pass`)
const failures = failed.length + failedSteps + (isSkipForbidden ? 1 : 0) + (isTooFlaky ? 1 : 0)
const parts = [
  `${all.passed + flaky.length} passed`,
  `${failures} failed`,
  ...(flaky.length > 0 ? [`${flaky.length} flaky`] : []),
  ...(all.skipped.length > 0 ? [`${all.skipped.length} skipped`] : []),
]
console.log(`\n${parts.join(', ')}, in ${((performance.now() - startMs) / 60_000).toFixed(1)} minutes`)
if (failures > 0) process.exitCode = 1

async function runAcross(project: string): Promise<{ report: TestReport; verdict: Verdict }> {
  const report = await runVitest({ projects: [project], tier: 'quick' })
  const second = new Map<string, TestReport>()
  for (const file of filesForSecondLook(report)) {
    console.log(`once more, alone: ${file}`)
    second.set(file, await runVitest({ projects: [project], tier: 'quick', files: [file] }))
  }
  return { report, verdict: verdictOf(report, second) }
}

function printFailure(what: string, { file, name, messages }: TestFailure, isExplained = true): void {
  console.log(`${what} ${relative(ROOT, file)} > ${name}`)
  for (const message of isExplained ? messages : []) console.log(message.replace(/^/gm, '    '))
}
