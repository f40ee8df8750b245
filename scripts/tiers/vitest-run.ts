/** Vitest run: one call of vitest for a tier; people read its output, and we read its report. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, toolEnv } from '../step.ts'
import { readReport, TAGS_FILTER, type TestReport, type Tier } from './test-report.ts'

export type VitestRun = {
  projects: readonly string[]
  tier: Tier
  /** Relative to the root or absolute; all files of the projects if absent. */
  files?: readonly string[]
  /** Keep the output back, and give it with the report. */
  isQuiet?: boolean
}

/** Runs the tests to their end. Never throws for a failed test. */
export async function runVitest(run: VitestRun): Promise<TestReport & { output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-test-'))
  const path = join(folder, 'report.json')
  const [program = '', ...args] = vitestCommand(run, path)
  const env = { ...toolEnv(), SKERRY_TEST_TIER: run.tier }
  const child = spawn(program, args, {
    cwd: ROOT,
    env,
    stdio: ['ignore', run.isQuiet ? 'pipe' : 'inherit', run.isQuiet ? 'pipe' : 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  const report = await readReport(path, run.tier)
  await rm(folder, { recursive: true })
  return { ...report, output: Buffer.concat(chunks).toString() }
}

/** The command, which writes its report to the path. */
export const vitestCommand = ({ projects, tier, files = [] }: VitestRun, report: string): string[] => [
  'vitest',
  'run',
  ...files,
  ...projects.flatMap((project) => ['--project', project]),
  ...(isUnfiltered(projects, tier) ? [] : [`--tags-filter=${TAGS_FILTER[tier]}`]),
  '--passWithNoTests',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
]

/** The hub's tests are quick on SQLite and deep on PostgreSQL, without marks of their own. */
const isUnfiltered = (projects: readonly string[], tier: Tier) => tier === 'deep' && projects.includes('postgres')
