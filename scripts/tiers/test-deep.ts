/**
 * `npm run test:deep`: the deep tier, one part after the other, two at a time. A part that passed at this commit is not
 * run again, so an interrupted run continues at the next part.
 *
 *     npm run test:deep                        all parts
 *     npm run test:deep -- connectors web      parts whose name contains one of the words
 *     npm run test:deep -- --since main        parts that the changes since that commit touch
 *     npm run test:deep -- --again             also those that passed at this commit
 *     npm run test:deep -- --list              print the parts, and run none
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT, toolEnv } from '../step.ts'
import { type DeepLedger, LEDGER_PATH, readLedger, writeLedger } from './deep-ledger.ts'
import { type DeepPart, deepParts, named, touched } from './deep-parts.ts'
import { FleetRatios, ratiosOf, regressions } from './fleet-ratios.ts'
import type { TestReport } from './test-report.ts'
import { runVitest } from './vitest-run.ts'

/** The machines we build on have two cores. */
const AT_ONCE = 2

const { values, positionals } = parseArgs({
  options: { since: { type: 'string' }, again: { type: 'boolean' }, list: { type: 'boolean' } },
  allowPositionals: true,
})
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean)
const ledgerPath = join(ROOT, LEDGER_PATH)
const ledger: DeepLedger = await readLedger(ledgerPath)
const [head = ''] = git('rev-parse', 'HEAD')
const isClean = git('status', '--porcelain', '--untracked-files=no').every((line) => line.endsWith(LEDGER_PATH))
const parts = wanted()
const waiting = parts.filter(({ name }) => values.again || !hasPassed(name))
console.log(`${parts.length} parts, ${parts.length - waiting.length} of them passed at this commit`)
if (!isClean) console.log('the tree has changes: what passes is not recorded')
if (values.list) for (const { name } of waiting) console.log(name)
else await runAll()

function wanted(): DeepPart[] {
  const files = git('ls-files').filter((path) => /\.test\.tsx?$/.test(path))
  const all = deepParts(files, (path) => readFileSync(join(ROOT, path), 'utf8'))
  const some = named(all, positionals)
  if (values.since === undefined) return some
  return touched(ROOT, some, git('diff', '--name-only', values.since))
}

/** A commit that changed only the ledger has the same tree. */
function hasPassed(name: string): boolean {
  const commit = ledger[name]?.commit
  if (commit === undefined || !isClean) return false
  if (commit === head) return true
  const { status } = spawnSync('git', ['diff', '--quiet', commit, head, '--', '.', `:!${LEDGER_PATH}`], { cwd: ROOT })
  return status === 0
}

async function runAll(): Promise<void> {
  const failed: string[] = []
  let tests = 0
  // The benchmark measures ratios, so it runs alone, at the end.
  const queue = waiting.filter(({ project }) => project !== 'bench')
  const one = async (part: DeepPart) => {
    const startMs = performance.now()
    const { passed, problems } = part.project === 'bench' ? runFleet() : await runPart(part)
    const seconds = Math.round((performance.now() - startMs) / 100) / 10
    tests += passed
    console.log(`${problems === undefined ? 'ok    ' : 'FAILED'} ${part.name} ${seconds} s`)
    if (problems === undefined) await record(part.name, { tests: passed, seconds })
    else {
      failed.push(part.name)
      console.log(problems.trimEnd().replace(/^/gm, '    '))
    }
  }
  const lane = async () => {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) await one(part)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  for (const part of waiting.filter(({ project }) => project === 'bench')) await one(part)
  console.log(`\n${waiting.length - failed.length} parts with ${tests} tests passed, ${failed.length} failed`)
  if (failed.length > 0) process.exitCode = 1
}

async function runPart({ name, project }: DeepPart): Promise<{ passed: number; problems: string | undefined }> {
  const files = project === 'postgres' ? [] : [name]
  const report = await runVitest({ projects: [project], tier: 'deep', files, isQuiet: true })
  return { passed: report.passed, problems: problemsOf(report) }
}

/** A part in which no test ran has shown nothing: something that its tests need is missing on this machine. */
function problemsOf({ passed, failures, output }: TestReport & { output: string }): string | undefined {
  if (failures.length > 0) return output
  return passed === 0 ? `no test ran; install what the part asks for\n${output}` : undefined
}

function runFleet(): { passed: number; problems: string | undefined } {
  const recorded = FleetRatios.parse(JSON.parse(readFileSync(join(ROOT, 'bench/recorded/fleet.json'), 'utf8')))
  const args = [join(ROOT, 'bench/main.ts'), 'fleet', '--devices', '1000', '--json']
  const { status, stdout, stderr } = spawnSync('node', args, { cwd: ROOT, env: toolEnv(), encoding: 'utf8' })
  if (status !== 0) return { passed: 0, problems: stderr }
  const worse = regressions(ratiosOf(stdout), recorded)
  return { passed: 1, problems: worse.length > 0 ? worse.join('\n') : undefined }
}

async function record(name: string, passed: { tests: number; seconds: number }): Promise<void> {
  if (!isClean) return
  ledger[name] = { commit: head, ...passed }
  await writeLedger(ledgerPath, ledger)
}
