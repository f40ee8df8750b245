/** Open listing: a listing of a catalogue with its documents, each verified by the digest in the signed index. */
import type { CatalogueEntry } from '@skerry/contract/market/catalogue'
import { CERTIFICATE_BYTES_MAX } from '@skerry/contract/market/catalogue'
import { Certificate } from '@skerry/contract/market/certificate'
import { LISTING_BYTES_MAX, Listing, TEMPLATE_BYTES_MAX } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { isAbout } from '@skerry/core/market/certify-listing'
import { newestFirst, newestFor } from '@skerry/core/market/listing-versions'
import { readCatalogueBlob } from '@skerry/platform/market/catalogue-folder'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { entriesOf } from './catalogue-index.ts'
import { type CatalogueRow, findCatalogue } from './catalogue-store.ts'
import { folderOf } from './read-catalogue.ts'

type Place = { organisationId: OrganisationId; catalogue: string; listing: string }

export type ListedVersions = { row: CatalogueRow; folder: string; versions: CatalogueEntry[] }

/** The subscription; throws if there is none. */
export async function knownCatalogue(hub: Hub, organisationId: OrganisationId, name: string): Promise<CatalogueRow> {
  const row = await findCatalogue(hub.store.db, { organisationId, name })
  if (!row) throw problem('catalogue_unknown')
  return row
}

/** All versions of a listing, the newest first. Throws if there is none. */
export async function listedVersions(hub: Hub, { organisationId, catalogue, listing }: Place): Promise<ListedVersions> {
  const row = await knownCatalogue(hub, organisationId, catalogue)
  const versions = newestFirst((await entriesOf(hub, row)).filter(({ name }) => name === listing))
  if (versions.length === 0) throw problem('listing_unknown')
  return { row, folder: folderOf(hub, row), versions }
}

/** The version of this number, or the newest stable one, or else the newest one of all. */
export function entryOf({ versions }: ListedVersions, version: string | undefined): CatalogueEntry {
  const entry =
    version === undefined
      ? (newestFor(versions, 'stable') ?? newestFor(versions, 'beta') ?? versions[0])
      : versions.find((each) => each.version === version)
  if (!entry) throw problem('listing_unknown', `the listing has no version ${version}; "skerry market show" lists them`)
  return entry
}

/** The listing of an entry. */
export async function readListing(folder: string, { digest }: CatalogueEntry): Promise<Listing> {
  const bytes = await verifiedBytes(folder, digest, LISTING_BYTES_MAX)
  const parsed = Listing.safeParse(parsedJson(bytes))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw problem('listing_tampered', `the listing is no listing: ${issue?.path.join('.')}: ${issue?.message}`)
}

/** Undefined if nobody has certified these bytes. */
export async function readCertificate(folder: string, entry: CatalogueEntry): Promise<Certificate | undefined> {
  if (!entry.certificate) return undefined
  const bytes = await verifiedBytes(folder, entry.certificate.digest, CERTIFICATE_BYTES_MAX)
  const certificate = Certificate.safeParse(parsedJson(bytes)).data
  // Evidence about other bytes is none.
  return certificate && isAbout(certificate, entry.digest) ? certificate : undefined
}

/** The JSON documents from which steps are made: templates, specs and golden inputs. */
export async function readDocuments(folder: string, listing: Listing): Promise<ReadonlyMap<Digest, unknown>> {
  const templates = listing.versions.flatMap(({ template, files, golden }) => [
    ...files.filter(({ path }) => path === template?.path).map(({ digest }) => digest),
    ...(golden ? [golden.digest] : []),
  ])
  const digests = new Set([...templates, ...listing.connections.map(({ spec }) => spec.digest)])
  const documents = new Map<Digest, unknown>()
  for (const digest of digests) {
    documents.set(digest, parsedJson(await verifiedBytes(folder, digest, TEMPLATE_BYTES_MAX)))
  }
  return documents
}

/** Throws a problem that names the file if its bytes are not those of the index. */
export async function verifiedBytes(folder: string, digest: Digest, maxBytes: number): Promise<Buffer> {
  const read = await readCatalogueBlob(folder, digest, maxBytes)
  if (read.ok) return read.bytes
  throw problem('listing_tampered', `the file ${digest} of the catalogue ${WORDS[read.code]}; get the catalogue again`)
}

const WORDS = {
  missing: 'is missing',
  tampered: 'has other bytes than the signed index says',
  large: 'is larger than a file of its kind may be',
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw problem('listing_tampered', 'a document of the listing is no JSON; ask its publisher')
  }
}
