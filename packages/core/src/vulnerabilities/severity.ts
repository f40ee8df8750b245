/** Severity: the base score of CVSS 3 of an advisory, or the word of its database. [CVSS v3.1, 7.1] */
import type { OsvAdvisory } from '@skerry/contract/vulnerabilities/osv'
import type { VulnerabilitySeverity } from '@skerry/contract/vulnerabilities/vulnerability'

export type Severity = { severity: VulnerabilitySeverity; score: number | undefined }

/** Unknown if the advisory has neither a score that the hub can compute nor a word. */
export function severityOf({ severity: scores, database_specific: said }: OsvAdvisory): Severity {
  const vector = scores.find(({ type }) => type === 'CVSS_V3')?.score
  const score = vector === undefined ? undefined : baseScore(vector)
  if (score !== undefined) return { severity: wordOf(score), score }
  return { severity: WORDS[said?.severity?.toLowerCase() ?? ''] ?? 'unknown', score: undefined }
}

const WORDS: Readonly<Record<string, VulnerabilitySeverity>> = {
  critical: 'critical',
  high: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
}

/** [CVSS v3.1, 5] A score of 0 is none, which is no reason to hide an advisory. */
function wordOf(score: number): VulnerabilitySeverity {
  if (score >= 9) return 'critical'
  if (score >= 7) return 'high'
  return score >= 4 ? 'medium' : 'low'
}

/** [CVSS v3.1, 7.4] */
const METRICS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
}

/** Privileges weigh more if the attack leaves the component. */
const PRIVILEGES = { same: { N: 0.85, L: 0.62, H: 0.27 }, changed: { N: 0.85, L: 0.68, H: 0.5 } } as const

/** Undefined if the vector is incomplete. */
export function baseScore(vector: string): number | undefined {
  if (!/^CVSS:3\.[01]\//.test(vector)) return undefined
  const given = new Map(vector.split('/').map((part) => part.split(':') as [string, string]))
  const isChanged = given.get('S') === 'C'
  const privileges: Readonly<Record<string, number>> = isChanged ? PRIVILEGES.changed : PRIVILEGES.same
  const weights = Object.entries(METRICS).map(([metric, values]) => values[given.get(metric) ?? ''])
  const [attack, complexity, interaction, confidentiality, integrity, availability] = weights
  const needed = privileges[given.get('PR') ?? '']
  if (attack === undefined || complexity === undefined || interaction === undefined || needed === undefined)
    return undefined
  if (confidentiality === undefined || integrity === undefined || availability === undefined) return undefined
  const impactBase = 1 - (1 - confidentiality) * (1 - integrity) * (1 - availability)
  const impact = isChanged ? 7.52 * (impactBase - 0.029) - 3.25 * (impactBase - 0.02) ** 15 : 6.42 * impactBase
  if (impact <= 0) return 0
  const sum = impact + 8.22 * attack * complexity * needed * interaction
  return roundUp(Math.min(isChanged ? 1.08 * sum : sum, 10))
}

/** [CVSS v3.1, appendix A] Up to one decimal, without the errors of floating point. */
function roundUp(value: number): number {
  const whole = Math.round(value * 100_000)
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10
}
