/**
 * Inspect submission: reads the uploaded files of a submission, and runs the checks of level 1 on them. So reviewers
 * see evidence that the hub has repeated.
 */
import { CERTIFICATE_BYTES_MAX } from '@skerry/contract/market/catalogue'
import { Certificate } from '@skerry/contract/market/certificate'
import { LISTING_BYTES_MAX, Listing, TEMPLATE_BYTES_MAX } from '@skerry/contract/market/listing'
import type { SubmissionStatement } from '@skerry/contract/market/submission'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { certificateOf } from '@skerry/core/market/certify-listing'
import { checkListing, type FoundFile } from '@skerry/core/market/checks/check-listing'
import { partsOf } from '@skerry/core/market/checks/check-vulnerabilities'
import { listingDocuments, listingFiles, listingPictures } from '@skerry/core/market/listing-files'
import { digestOf } from '@skerry/platform/files/hash'
import { findBlob } from '../../blobs/blob-store.ts'
import { problem } from '../../http/problem.ts'
import type { Hub } from '../../hub.ts'
import { advisoriesAbout } from './advisories-about.ts'
import type { HeldFile } from './submission-store.ts'

export type InspectedSubmission = {
  listing: Listing
  certificate: Certificate
  /** The checks of level 1, run by this hub. */
  repeated: Certificate
  /** All blobs of the submission: the listing, its certificate, and its files. */
  files: HeldFile[]
}

type Inspection = { organisationId: OrganisationId; statement: SubmissionStatement; signal: AbortSignal }

/** Throws the problem of the first file that is missing or unreadable. */
export async function inspectSubmission(hub: Hub, inspection: Inspection): Promise<InspectedSubmission> {
  const { statement } = inspection
  const { digest } = statement.listing
  const listing = parsed(Listing, await bytesOf(hub, inspection, digest, LISTING_BYTES_MAX), 'the listing')
  const evidence = await bytesOf(hub, inspection, statement.certificate.digest, CERTIFICATE_BYTES_MAX)
  const certificate = parsed(Certificate, evidence, 'the certificate')
  const documents = listingDocuments(listing)
  const pictures = listingPictures(listing)
  const found = new Map<Digest, FoundFile>()
  const files: HeldFile[] = [pick(statement.listing), pick(statement.certificate)]
  for (const file of listingFiles(listing)) {
    const sizeBytes = await heldSize(hub, inspection, file.digest)
    const isRead = documents.has(file.digest) || pictures.has(file.digest)
    const bytes = isRead ? await bytesOf(hub, inspection, file.digest, TEMPLATE_BYTES_MAX) : undefined
    const document = bytes && documents.has(file.digest) ? json(bytes) : undefined
    // The store has verified the digest at the upload.
    const measured = { digest: file.digest, sizeBytes }
    found.set(file.digest, { measured, ...(bytes && { bytes }), ...(document !== undefined && { document }) })
    files.push({ digest: file.digest, sizeBytes })
  }
  const packages = partsOf(listing, found).map(({ component }) => component.package)
  const advisories = await advisoriesAbout(hub.store.db, inspection.organisationId, packages)
  const repeated = certificateOf(listing, digest, checkListing({ listing, files: found, digestOf, advisories }))
  return { listing, certificate, repeated, files: [...new Map(files.map((file) => [file.digest, file])).values()] }
}

const pick = ({ digest, sizeBytes }: HeldFile): HeldFile => ({ digest, sizeBytes })

/** The organisation has to hold the blob itself: a listing must not reach the files of another one. */
async function heldSize(hub: Hub, { organisationId }: Inspection, digest: Digest): Promise<number> {
  const blob = await findBlob(hub.store.db, organisationId, digest)
  if (!blob || blob.damaged_at_ms !== null) throw problem('blob_unknown', `the file ${digest} was not uploaded`)
  return Number(blob.size_bytes)
}

async function bytesOf(hub: Hub, inspection: Inspection, digest: Digest, maxBytes: number): Promise<Buffer> {
  const sizeBytes = await heldSize(hub, inspection, digest)
  if (sizeBytes > maxBytes) throw refused(`the file ${digest} is over ${maxBytes} bytes`)
  const chunks: Uint8Array[] = []
  for await (const chunk of hub.blobs.read(digest, {}, inspection.signal)) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (digestOf(bytes) !== digest) throw problem('blob_unknown', `the file ${digest} is damaged; upload it again`)
  return bytes
}

type Schema<Of> = {
  safeParse(value: unknown): {
    success: boolean
    data?: Of
    error?: { issues: { path: PropertyKey[]; message: string }[] }
  }
}

function parsed<Of>(schema: Schema<Of>, bytes: Buffer, what: string): Of {
  const result = schema.safeParse(json(bytes))
  if (result.success && result.data !== undefined) return result.data
  const [issue] = result.error?.issues ?? []
  throw refused(`${what} has an error: ${issue?.path.join('.')}: ${issue?.message}`)
}

/** Undefined for bytes that are no JSON: the checks then name the file. */
function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

const refused = (message: string) => problem('submission_refused', message)
