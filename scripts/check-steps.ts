/** What `npm run check` runs. Adding a rule that a machine can see means adding it here. */
import type { Step } from './step.ts'
import { vitestCommand } from './tiers/vitest-run.ts'

/** Longest first, so that the short ones fill the gaps. `unitReport` is where the unit tests write their JSON. */
export const checkSteps = (unitReport: string): Step[] => [
  { name: 'unit tests', command: vitestCommand({ projects: ['unit', 'native'], tier: 'quick' }, unitReport) },
  { name: 'format, lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'types', command: ['tsc', '-b'] },
  { name: 'test types', command: ['tsc', '-p', 'tsconfig.test.json'] },
  // Biome's own versions of these two miss cases (docs/adr/0008-tools.md).
  {
    name: 'type lint',
    command: [
      'oxlint',
      '--type-aware',
      '-A',
      'all',
      '-D',
      'typescript/no-floating-promises',
      '-D',
      'typescript/switch-exhaustiveness-check',
      'packages',
      'apps',
      'scripts',
      'examples',
      'bench',
      'test',
    ],
  },
  { name: 'unused', command: ['knip', '--no-progress'] },
  // Keys, tokens and passwords that somebody has left in a file: .secretlintrc.json says which.
  { name: 'secrets', command: ['secretlint', '**/*'] },
]
