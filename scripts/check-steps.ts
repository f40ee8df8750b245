/** The steps of `npm run check`. A new rule that a machine can check belongs here. */
import type { Step } from './step.ts'
import { vitestCommand } from './tiers/vitest-run.ts'

/** Longest first, so that the short ones fill the gaps. The unit tests write their JSON to `unitReport`. */
export const checkSteps = (unitReport: string): Step[] => [
  { name: 'unit tests', command: vitestCommand({ projects: ['unit', 'native'], tier: 'quick' }, unitReport) },
  { name: 'format, lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  // Not `tsc -b`: its programs read each other's declarations, which costs four times the processor time of one program.
  { name: 'types', command: ['tsc', '-p', 'tsconfig.test.json'] },
  { name: 'page types', command: ['tsc', '-p', 'tsconfig.console.json'] },
  // Contract and core once more, where neither Node nor a browser exists.
  { name: 'core types', command: ['tsc', '-p', 'tsconfig.pure.json'] },
  // .oxlintrc.json has the rules that Biome lacks, or checks less well (docs/adr/0008-tools.md).
  {
    name: 'type lint',
    command: ['oxlint', '--type-aware', 'packages', 'apps', 'scripts', 'examples', 'bench', 'test'],
  },
  { name: 'unused', command: ['knip', '--no-progress'] },
  // Keys, tokens and passwords that were left in a file: .secretlintrc.json lists the rules.
  { name: 'secrets', command: ['secretlint', '**/*'] },
]
