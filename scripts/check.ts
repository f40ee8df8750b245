/**
 * `npm run check`: format, lint, types, layers, unused code and unit tests. Prints a line a step; fails if one does.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkSteps } from './check-steps.ts'
import { runSteps } from './step.ts'

const folder = await mkdtemp(join(tmpdir(), 'skerry-check-'))
const results = await runSteps(checkSteps(join(folder, 'unit.json')))
await rm(folder, { recursive: true })
if (results.some(({ passed }) => !passed)) process.exitCode = 1
