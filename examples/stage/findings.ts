/** Findings: what an example claims, each looked at and noted, so that `--once` can say whether all of it really happened. */
export type Findings = {
  /** Notes the claim with what was seen, and gives both back as a line. */
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
