/** Histories: how many random histories a law is held against, and from which seed: the same seed gives the same ones. */

/** What CI lives through; a person who waits gets a fifth. Half a minute for rollouts, on two shared cores. */
const IN_CI = 10_000

/** Options for `fc.assert`. `LAW_SEED=n` repeats what failed; fast-check says the seed and the way to the failure, too. */
export function histories(law: string): { numRuns: number; seed: number } {
  const { CI, LAW_SEED } = process.env
  const numRuns = CI === 'true' ? IN_CI : IN_CI / 5
  const seed = LAW_SEED === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(LAW_SEED)
  if (CI === 'true') process.stdout.write(`${law}: ${numRuns} histories from LAW_SEED=${seed}\n`)
  return { numRuns, seed }
}
