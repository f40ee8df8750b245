/** Histories: how many random histories a law is held against, and from which seed: the same seed gives the same ones. */

import { rounds } from '../tier.ts'

/** Ten thousand take half a minute for rollouts, on two shared cores. */
const RUNS = { quick: 300, deep: 10_000 }

/** Options for `fc.assert`. `LAW_SEED=n` repeats what failed; fast-check says the seed and the way to the failure, too. */
export function histories(law: string): { numRuns: number; seed: number } {
  const { CI, LAW_SEED } = process.env
  const numRuns = rounds(RUNS)
  const seed = LAW_SEED === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(LAW_SEED)
  if (CI === 'true') process.stdout.write(`${law}: ${numRuns} histories from LAW_SEED=${seed}\n`)
  return { numRuns, seed }
}
