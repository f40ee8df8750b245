/** Check vulnerabilities: compares the parts that bills of materials name with advisories that somebody imported. */
import type { Listing } from '@skerry/contract/market/listing'
import { matchAdvisory } from '../../vulnerabilities/match-advisory.ts'
import { type PackageComponent, readPackageUrl } from '../../vulnerabilities/package-url.ts'
import { NOT_RUN } from '../not-run.ts'
import type { CheckedListing, CheckResult } from './check-listing.ts'

type Judged = Omit<CheckResult, 'check' | 'result'> & { result?: CheckResult['result'] }

export type ListedPart = { item: string; component: PackageComponent }

/** The packages that the bills of materials name, with the item that contains them. */
export const partsOf = ({ versions }: Pick<Listing, 'versions'>, files: CheckedListing['files']): ListedPart[] =>
  versions.flatMap(({ item, sbom }) =>
    packageUrls(sbom && files.get(sbom.digest)?.document).flatMap((purl) => {
      const component = readPackageUrl(purl)
      return component ? [{ item, component }] : []
    }),
  )

/** Every package URL in the document, however deep its component is nested. */
function packageUrls(document: unknown): string[] {
  if (Array.isArray(document)) return document.flatMap(packageUrls)
  if (typeof document !== 'object' || document === null) return []
  return Object.entries(document).flatMap(([name, value]) =>
    name === 'purl' && typeof value === 'string' ? [value] : packageUrls(value),
  )
}

/** Nothing is known without advisories: that is no pass, and no failure. A newer file of advisories may know more. */
export function checkVulnerabilities({ listing, files, advisories }: CheckedListing): Judged {
  const parts = partsOf(listing, files)
  if (!advisories) {
    const findings = ['not run: there are no advisories; give a file or folder of OSV with --osv']
    return { result: 'WARNED', facts: { run: NOT_RUN }, findings }
  }
  const findings = parts.flatMap(({ item, component }) =>
    advisories.flatMap((advisory) => {
      const match = matchAdvisory(advisory, component)
      if (match.verdict !== 'affected') return []
      const fix = match.fixedIn === undefined ? 'no version is fixed' : `fixed in ${match.fixedIn}`
      return [`${item} contains ${component.purl.slice(0, 200)} with ${advisory.id}, ${fix}`]
    }),
  )
  return { facts: { parts: parts.length }, measured: { advisories: advisories.length }, findings }
}
