/**
 * Judge component: the state of a vulnerability in one component of one version, by the advisory, by the VEX statements
 * about it, and by the risk that a person has accepted.
 */
import type { OsvAdvisory, VexStatus } from '@skerry/contract/vulnerabilities/osv'
import type { AcceptedRisk, VulnerabilityState } from '@skerry/contract/vulnerabilities/vulnerability'
import { matchAdvisory } from './match-advisory.ts'
import type { PackageComponent } from './package-url.ts'

/** A statement about one product, and only about some of its parts if it names parts. */
export type VexFact = {
  vulnerability: string
  product: string
  parts: readonly string[]
  status: VexStatus
  justification: string | undefined
  author: string
  atMs: number
}

export type JudgedComponent = {
  state: VulnerabilityState
  fixedIn: string | undefined
  reason: string
  vex: VexFact | undefined
}

export type ComponentFacts = {
  advisory: OsvAdvisory
  component: PackageComponent
  /** The version of the hub that contains the component. */
  version: { name: string; version: number }
  statements: readonly VexFact[]
  accepted: AcceptedRisk | undefined
  nowMs: number
}

/** Undefined if the advisory is not about the component. */
export function judgeComponent(facts: ComponentFacts): JudgedComponent | undefined {
  const { advisory, component, accepted, nowMs } = facts
  const match = matchAdvisory(advisory, component)
  if (match.verdict === 'not') return undefined
  const { fixedIn } = match
  const vex = newestStatement(facts)
  const found = { fixedIn, vex }
  if (vex && (vex.status === 'not_affected' || vex.status === 'fixed')) {
    const why = vex.justification === undefined ? '' : `: ${vex.justification.replaceAll('_', ' ')}`
    return { ...found, state: 'harmless', reason: `${vex.author} states "${vex.status.replaceAll('_', ' ')}"${why}` }
  }
  if (accepted && accepted.untilMs > nowMs) {
    return { ...found, state: 'accepted', reason: `${accepted.by} accepted the risk: ${accepted.reason}` }
  }
  return { ...found, state: match.verdict === 'affected' ? 'open' : 'possible', reason: match.reason }
}

/** [OpenVEX, "Status"] The newest statement about a product counts. */
function newestStatement({ advisory, component, version, statements }: ComponentFacts): VexFact | undefined {
  const ids = new Set<string>([advisory.id, ...advisory.aliases])
  return statements
    .filter((each) => ids.has(each.vulnerability) && isAbout(each, component.purl, version))
    .toSorted((a, b) => b.atMs - a.atMs)[0]
}

function isAbout({ product, parts }: VexFact, purl: string, { name, version }: ComponentFacts['version']): boolean {
  if (isPackage(product, purl)) return true
  const isVersion = product === `pkg:generic/${name}@${version}` || product === `pkg:generic/${name}`
  return isVersion && (parts.length === 0 || parts.some((part) => isPackage(part, purl)))
}

/** A name without a version means every version. Qualifiers do not count. */
function isPackage(wanted: string, purl: string): boolean {
  const [plain = ''] = purl.split('?')
  const [named = ''] = wanted.split('?')
  return named === plain || named === plain.slice(0, plain.lastIndexOf('@'))
}

/** The most urgent first: a version is as bad as its worst component. */
const URGENCY: readonly VulnerabilityState[] = ['open', 'possible', 'accepted', 'harmless']

/** The state of a vulnerability as a whole. */
export function worstState(states: readonly VulnerabilityState[]): VulnerabilityState {
  return URGENCY.find((state) => states.includes(state)) ?? 'harmless'
}
