/**
 * Catalogue: a folder with a signed index and blobs that are named by their digest. The index plays three roles of TUF
 * at once: it lists the targets, it has a version number that only rises, and it expires [TUF 1.0.33, 2.1].
 *
 *     index.json              DSSE envelope over CatalogueIndex
 *     blobs/sha256/HEX        listings, their files, icons and certificates
 */
import * as z from 'zod'
import { SIGNATURES_MAX, SIGNING_KEYS_MAX, SigningKeyId } from '../models/trust.ts'
import { Digest } from '../values/digest.ts'
import { InstantMs, Name } from '../values/names.ts'
import {
  Channel,
  LISTING_BYTES_MAX,
  Listing,
  ListingCategory,
  ListingIcon,
  ListingVersion,
  PROTOCOLS_MAX,
  ProtocolName,
} from './listing.ts'
import { Rating } from './opinion.ts'

export const CATALOGUE_PAYLOAD_TYPE = 'application/vnd.skerry.catalogue+json'

/** 20,000 versions of about 700 bytes are 14 MB, which a hub still holds in memory. */
export const CATALOGUE_LISTINGS_MAX = 20_000

/** 14 MB in base64, and room for signatures. */
export const CATALOGUE_BYTES_MAX = 32 * 1024 * 1024

/** A hub reads each of them at every refresh. */
export const CATALOGUES_MAX = 16

/** The certificate is a list of statements, one for each check. */
export const CERTIFICATE_BYTES_MAX = 256 * 1024

export const CertificateReference = z.strictObject({
  digest: Digest,
  sizeBytes: z.int().min(1).max(CERTIFICATE_BYTES_MAX),
  level: z.int().min(1).max(3),
})

/** People who run the version read it. */
export const WithdrawReason = z.string().trim().min(1).max(300)

/** A version of a listing, with the fields that a search shows. */
export const CatalogueEntry = z.strictObject({
  name: Name,
  version: ListingVersion,
  digest: Digest,
  sizeBytes: z.int().min(1).max(LISTING_BYTES_MAX),
  title: Listing.shape.title,
  summary: Listing.shape.summary,
  categories: z.array(ListingCategory).min(1).max(4),
  licence: Listing.shape.licence,
  publisher: Listing.shape.publisher,
  channel: Channel,
  /** model, flow, app, source or sink. */
  kinds: z.array(z.string().max(20)).max(8),
  icon: ListingIcon.optional(),
  replaces: ListingVersion.optional(),
  skips: z.array(ListingVersion).max(50).default([]),
  deprecated: Listing.shape.deprecated,
  worksWith: Listing.shape.worksWith,
  /** A yanked version stays where it runs. Nobody can install it. */
  yanked: z.strictObject({ reason: WithdrawReason }).optional(),
  certificate: CertificateReference.optional(),
})
export type CatalogueEntry = z.infer<typeof CatalogueEntry>

export const CatalogueIndex = z.strictObject({
  v: z.literal(1),
  name: Name,
  /** Each publication is one more. */
  version: z.int().min(1),
  expiresAtMs: InstantMs,
  listings: z.array(CatalogueEntry).max(CATALOGUE_LISTINGS_MAX),
})
export type CatalogueIndex = z.infer<typeof CatalogueIndex>

export const CatalogueEnvelope = z.strictObject({
  payload: z.base64().min(1).max(CATALOGUE_BYTES_MAX),
  payloadType: z.literal(CATALOGUE_PAYLOAD_TYPE),
  signatures: z
    .array(z.strictObject({ sig: z.base64().min(1).max(1_024), keyid: SigningKeyId }))
    .min(1)
    .max(SIGNATURES_MAX),
})
export type CatalogueEnvelope = z.infer<typeof CatalogueEnvelope>

/** [distribution-spec 1.1, "Pulling manifests"] */
const OCI_PLACE = /^oci:\/\/[^/]+\/[a-z0-9]+([._/-]+[a-z0-9]+)*:\w[\w.-]{0,127}$/

/**
 * The place of a catalogue that is mirrored: `https://…` of a folder with `index.json` and `blobs/sha256/HEX`, or
 * `oci://HOST/REPOSITORY:TAG` of a registry.
 */
export const CatalogueUrl = z
  .url({ protocol: /^(https|oci)$/ })
  .max(500)
  .refine((text) => !/[?#@]/.test(text), 'must have no user, no query and no fragment')
  .refine(
    (text) => !text.startsWith('oci:') || OCI_PLACE.test(text),
    'must name a repository and a tag, such as oci://registry.example/vendor/plant:latest',
  )

/** The reasons for which a hub keeps the last good index. */
export const CatalogueProblemCode = z.enum([
  'catalogue_missing',
  'catalogue_unreadable',
  'catalogue_untrusted',
  'catalogue_renamed',
  'catalogue_rolled_back',
  'catalogue_mixed',
  'catalogue_expired',
  'catalogue_unreachable',
  'catalogue_incomplete',
])
export type CatalogueProblemCode = z.infer<typeof CatalogueProblemCode>

/** A subscription of an organisation. */
export const Catalogue = z.strictObject({
  name: Name,
  /** The publishers' keys. The hub reads their state at each refresh, so a revoked key counts no more. */
  keys: z.array(SigningKeyId).min(1).max(SIGNING_KEYS_MAX),
  signatures: z.int().min(1).max(SIGNATURES_MAX),
  /** The hub mirrors it from there. Absent if a person puts it into the hub's folder. */
  url: CatalogueUrl.optional(),
  /** It belongs to the organisation: the hub signs it, and publishes accepted submissions into it. */
  isOwn: z.literal(true).optional(),
  /** Of the last good index; absent before the first one. */
  version: z.int().min(1).optional(),
  digest: Digest.optional(),
  expiresAtMs: InstantMs.optional(),
  listings: z.int().min(0),
  checkedAtMs: InstantMs.optional(),
  /** Why the newest index in the folder is not in use. Absent if all is well. */
  problem: z.strictObject({ code: CatalogueProblemCode, message: z.string().max(500) }).optional(),
})
export type Catalogue = z.infer<typeof Catalogue>

/** A row of a search: the newest version of a listing in a channel. */
export const FoundListing = z.strictObject({
  catalogue: Name,
  entry: CatalogueEntry.omit({ skips: true }),
  /** The version that is installed, if one is. */
  installed: ListingVersion.optional(),
  /** By the people of the organisation; absent if nobody has rated it. */
  rating: Rating.optional(),
  /** The protocols of the organisation's sources that the listing works with; absent if there is none. */
  recommended: z.array(ProtocolName).max(PROTOCOLS_MAX).optional(),
})
export type FoundListing = z.infer<typeof FoundListing>

export const Facet = z.strictObject({ value: z.string(), count: z.int().min(1) })

export const SearchFacets = z.strictObject({
  categories: z.array(Facet).max(20),
  kinds: z.array(Facet).max(20),
  /** The most frequent ones. */
  publishers: z.array(Facet).max(20),
})
export type SearchFacets = z.infer<typeof SearchFacets>
