/** Review submission: whether a hub takes a submission, the points that a reviewer has to weigh, and who may decide. */
import type { CatalogueEntry } from '@skerry/contract/market/catalogue'
import type { Certificate } from '@skerry/contract/market/certificate'
import type { Listing } from '@skerry/contract/market/listing'
import type { SubmissionState, SubmissionStatement } from '@skerry/contract/market/submission'
import {
  annotationsOf,
  checkOf,
  compareCertificates,
  isPassed,
  levelOfCheck,
  levelReached,
} from '../certify-listing.ts'
import { compareVersions, leads, newestFirst } from '../listing-versions.ts'
import { permissionDiff, permissionKey } from '../permission-diff.ts'

type Claimed = {
  statement: SubmissionStatement
  listing: Listing
  certificate: Certificate
  /** The result of the checks of level 1, run by the hub on the bytes that it holds. */
  repeated: Certificate
  /** The entries of the listing in the catalogue. */
  published: readonly CatalogueEntry[]
}

/** Why the hub does not take the submission; undefined if it does. */
export function submissionProblem({
  statement,
  listing,
  certificate,
  repeated,
  published,
}: Claimed): string | undefined {
  const { name, version } = statement.listing
  if (listing.name !== name || listing.version !== version) {
    return `the listing is ${listing.name}@${listing.version}, and the statement says ${name}@${version}`
  }
  if (published.some((entry) => entry.version === version)) {
    return `${name}@${version} is published; a published version never changes, so give listing.yaml a new version`
  }
  if (!isPassed(repeated)) return `a check of level 1 failed: ${findingsOf(repeated)[0]}`
  const claimed = levelReached(certificate)
  if (claimed < statement.certificate.level) {
    return `the certificate reaches level ${claimed}, and the statement says ${statement.certificate.level}`
  }
  const [difference] = compareCertificates(certificate, repeated)
  return difference && `the certificate does not hold: ${difference.check}: ${difference.message}`
}

/** The findings of failed checks, each with the name of its check. */
const findingsOf = ({ statements }: Certificate): string[] =>
  statements
    .filter(({ predicate }) => predicate.result === 'FAILED')
    .flatMap((statement) => (annotationsOf(statement)?.findings ?? []).map((text) => `${checkOf(statement)}: ${text}`))

type Reviewed = {
  listing: Listing
  certificate: Certificate
  published: readonly CatalogueEntry[]
  /** The newest published version; undefined for a first version. */
  before: Listing | undefined
  /** The keys that signed the accepted versions of the listing, if there are any. */
  earlierKeys: readonly string[]
  keyId: string
}

/** The permissions beside those of the newest published version. */
export const submissionPermissions = ({ listing, before }: Pick<Reviewed, 'listing' | 'before'>) =>
  permissionDiff(listing.permissions, (before?.permissions ?? []).map(permissionKey))

/** Sentences for the reviewer; empty if nothing stands out. */
export function reviewNotices(reviewed: Reviewed): string[] {
  const { listing, certificate, published, before, earlierKeys, keyId } = reviewed
  const notices: string[] = []
  const [newest] = newestFirst(published)
  if (before) {
    const added = submissionPermissions(reviewed).unaccepted.map(permissionKey)
    if (added.length > 0) notices.push(limited(`it asks for more than ${before.version}: ${added.join(', ')}`))
    if (before.licence !== listing.licence) notices.push(`the licence was ${before.licence}, and is ${listing.licence}`)
    if (before.publisher !== listing.publisher)
      notices.push(`the publisher was ${before.publisher}, and is ${listing.publisher}`)
  }
  if (newest && compareVersions(listing.version, newest.version) < 0)
    notices.push(`it is older than the published version ${newest.version}`)
  if (newest && !published.some(({ version }) => leads(listing, version)))
    notices.push('it replaces and skips no published version, so no installation is offered the upgrade')
  if (earlierKeys.length > 0 && !earlierKeys.includes(keyId))
    notices.push('another key than that of the earlier versions signed it')
  if (levelReached(certificate) < 2)
    notices.push('its behaviour is unproven: no run in a sandbox is in the certificate (level 2)')
  return [...notices, ...warningsOf(certificate)].slice(0, NOTICES_MAX)
}

/** More than a reviewer reads. */
const NOTICES_MAX = 50

/** The schema's limit of a notice. */
const limited = (text: string) => text.slice(0, 500)

/** The hub has repeated level 1. Warnings of a run are the publisher's own. */
const warningsOf = ({ statements }: Certificate): string[] =>
  statements
    .filter((statement) => statement.predicate.result === 'WARNED' && levelOfCheck(checkOf(statement)) === 2)
    .flatMap((statement) =>
      (annotationsOf(statement)?.findings ?? []).map((text) => limited(`${checkOf(statement)}: ${text}`)),
    )

type Decision = 'accept' | 'reject' | 'withdraw'

/** The reason why the person may not decide so; undefined if it may. The same person cannot submit and accept. */
export function decisionProblem(
  { state, submittedBy }: { state: SubmissionState; submittedBy: string },
  { decision, person }: { decision: Decision; person: string },
): 'submission_decided' | 'submission_own' | 'submission_foreign' | undefined {
  if (state !== 'pending') return 'submission_decided'
  if (decision === 'accept' && submittedBy === person) return 'submission_own'
  return decision === 'withdraw' && submittedBy !== person ? 'submission_foreign' : undefined
}
