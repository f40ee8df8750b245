/**
 * `npm test`: everything that `npm run check` checks, then the tests across processes. Ends with a line
 * `N passed, N failed, N skipped`, where a failed step of the check counts as one failure. With CI=true nothing may be skipped.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkSteps, vitest } from './check-steps.ts'
import { ROOT, runSteps, toolEnv } from './step.ts'
import { addTallies, readTally } from './tally.ts'

const folder = await mkdtemp(join(tmpdir(), 'skerry-test-'))
const unitReport = join(folder, 'unit.json')
const wholeReport = join(folder, 'whole.json')

const steps = await runSteps(checkSteps(unitReport))
await runWholeTests()
const { passed, failed, skipped } = addTallies([await readTally(unitReport), await readTally(wholeReport)])
await rm(folder, { recursive: true })

for (const name of skipped) console.log(`skipped: ${name}`)
const isSkipForbidden = process.env.CI === 'true' && skipped.length > 0
if (isSkipForbidden) console.log('FAILED: with CI=true no test may be skipped; install what the tests above ask for')
// The unit tests are a step too, whose failures the tally has counted one by one.
const failedSteps = steps.filter((step) => !step.passed && step.name !== 'unit tests').length
const failures = failed + failedSteps + (isSkipForbidden ? 1 : 0)
console.log(`\n${passed} passed, ${failures} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
if (failures > 0) process.exitCode = 1

async function runWholeTests(): Promise<void> {
  const [program = '', ...args] = vitest(['whole', 'web', 'postgres'], wholeReport)
  await once(spawn(program, args, { cwd: ROOT, env: toolEnv(), stdio: ['ignore', 'inherit', 'inherit'] }), 'exit')
}
