/** The steps of `npm run check`. A new rule that a machine can check belongs here. */
import type { Step } from './step.ts'
import { vitestCommand } from './tiers/vitest-run.ts'

/** Longest first, so that the short ones fill the gaps. The unit tests write their JSON to `unitReport`. */
export const checkSteps = (unitReport: string): Step[] => [
  { name: 'unit tests', command: vitestCommand({ projects: ['unit', 'native'], tier: 'quick' }, unitReport) },
  { name: 'format, lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'types', command: ['tsc', '-b'] },
  { name: 'test types', command: ['tsc', '-p', 'tsconfig.test.json'] },
  // .oxlintrc.json has the rules that Biome lacks, or checks less well (docs/adr/0008-tools.md).
  {
    name: 'type lint',
    command: ['oxlint', '--type-aware', 'packages', 'apps', 'scripts', 'examples', 'bench', 'test'],
  },
  { name: 'unused', command: ['knip', '--no-progress'] },
  // Keys, tokens and passwords that were left in a file: .secretlintrc.json lists the rules.
  { name: 'secrets', command: ['secretlint', '**/*'] },
]
