/** Match advisory: whether an advisory of OSV is about a component. [osv-schema, "Evaluation"] */
import type { OsvAdvisory, OsvAffected, OsvEvent } from '@skerry/contract/vulnerabilities/osv'
import { comparePackageVersions } from './compare-package-versions.ts'
import type { PackageComponent } from './package-url.ts'

export type AdvisoryMatch =
  | { verdict: 'not' }
  | { verdict: 'affected' | 'possible'; fixedIn: string | undefined; reason: string }

/** The worst verdict of all entries about the package. */
export function matchAdvisory(
  advisory: Pick<OsvAdvisory, 'affected' | 'withdrawn'>,
  component: PackageComponent,
): AdvisoryMatch {
  if (advisory.withdrawn !== undefined) return NOT
  const matches = advisory.affected.map((affected) => matchAffected(affected, component))
  return (
    matches.find(({ verdict }) => verdict === 'affected') ??
    matches.find(({ verdict }) => verdict === 'possible') ??
    NOT
  )
}

const NOT: AdvisoryMatch = { verdict: 'not' }

/** `Debian:12` is the release 12 of Debian. */
export const ecosystemBase = (ecosystem: string): string => ecosystem.split(':')[0] ?? ''

function matchAffected({ package: named, ranges, versions }: OsvAffected, component: PackageComponent): AdvisoryMatch {
  if (named?.name !== component.package) return NOT
  if (ecosystemBase(named.ecosystem) !== ecosystemBase(component.ecosystem)) return NOT
  const isOtherRelease = named.ecosystem.includes(':') && named.ecosystem !== component.ecosystem
  const isReleaseKnown = component.ecosystem.includes(':')
  if (isOtherRelease && isReleaseKnown) return NOT
  const match = matchVersion(ranges, versions, component)
  if (match.verdict !== 'affected' || !isOtherRelease) return match
  const reason = `the advisory is about ${named.ecosystem}, and the component does not say its release`
  return { ...match, verdict: 'possible', reason }
}

function matchVersion(
  ranges: OsvAffected['ranges'],
  versions: readonly string[],
  component: PackageComponent,
): AdvisoryMatch {
  const { version } = component
  const known = ranges.filter(({ type }) => type === 'SEMVER' || type === 'ECOSYSTEM')
  const fixedIn = known.flatMap(({ events }) => events).findLast(({ fixed }) => fixed !== undefined)?.fixed
  if (versions.includes(version)) {
    return { verdict: 'affected', fixedIn, reason: `the advisory names the version ${version}` }
  }
  const found = known.map(({ events }) => ({ events, isIn: isInRange(component, events) }))
  const hit = found.find(({ isIn }) => isIn === true)
  if (hit) return { verdict: 'affected', fixedIn: fixOf(hit.events, component), reason: rangeText(version, hit.events) }
  if (found.every(({ isIn }) => isIn === false)) return NOT
  const reason = `the hub cannot compare ${version} with ${rangeWords(known.flatMap(({ events }) => events))}`
  return { verdict: 'possible', fixedIn, reason }
}

/** Undefined if the order of two of the versions is unknown. */
function isInRange({ ecosystem, version }: PackageComponent, events: readonly OsvEvent[]): boolean | undefined {
  let isIn = false
  for (const event of inOrder(ecosystem, events)) {
    const order = event.introduced === '0' ? 1 : comparePackageVersions(ecosystem, version, pointOf(event))
    if (order === undefined) return undefined
    isIn = afterEvent(event, order, isIn)
  }
  return isIn
}

/** `order` is that of the component's version and the version of the event. */
function afterEvent({ introduced, fixed }: OsvEvent, order: number, isIn: boolean): boolean {
  if (introduced !== undefined) return isIn || order >= 0
  return fixed === undefined ? isIn && order <= 0 : isIn && order < 0
}

const pointOf = ({ introduced, fixed, last_affected: last }: OsvEvent) => introduced ?? fixed ?? last ?? '0'

function inOrder(ecosystem: string, events: readonly OsvEvent[]): OsvEvent[] {
  return events.toSorted((a, b) => {
    if (a.introduced === '0' || b.introduced === '0') return a.introduced === '0' ? -1 : 1
    return comparePackageVersions(ecosystem, pointOf(a), pointOf(b)) ?? 0
  })
}

/** The first fix behind the component's version. */
function fixOf(events: readonly OsvEvent[], { ecosystem, version }: PackageComponent): string | undefined {
  return inOrder(ecosystem, events).find(
    ({ fixed }) => fixed !== undefined && (comparePackageVersions(ecosystem, version, fixed) ?? 0) < 0,
  )?.fixed
}

const rangeText = (version: string, events: readonly OsvEvent[]) => `${version} is in the range ${rangeWords(events)}`

/** A range of many branches is cut: the advisory has all of it. */
const EVENTS_SHOWN = 6

function rangeWords(events: readonly OsvEvent[]): string {
  const words = events.map(({ introduced, fixed, last_affected: last }) => {
    if (introduced !== undefined) return `from ${introduced}`
    return fixed === undefined ? `to ${last}` : `before ${fixed}`
  })
  const more = words.length > EVENTS_SHOWN ? ', ...' : ''
  return words.slice(0, EVENTS_SHOWN).join(' ') + more
}
