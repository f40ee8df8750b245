/** Findings: the claims of an example, each checked and noted, so that `--once` can report whether all of them hold. */
export type Findings = {
  /** Notes the claim with the observation, and gives both back as a line. */
  check(claim: string, holds: boolean, seen?: string): string
  /** Claims that did not hold. */
  failed(): string[]
  count(): number
}

export function newFindings(): Findings {
  const findings: { claim: string; holds: boolean; seen: string }[] = []
  return {
    check(claim, holds, seen = '') {
      findings.push({ claim, holds, seen })
      return `   ${holds ? '✓' : '✗'} ${claim}${seen === '' ? '' : `: ${seen}`}`
    },
    failed: () => findings.filter(({ holds }) => !holds).map(({ claim, seen }) => `${claim}: ${seen || 'no'}`),
    count: () => findings.length,
  }
}
