/** Procedures on catalogues, their listings, and installations. */
import * as z from 'zod'
import {
  Catalogue,
  CatalogueEntry,
  CatalogueUrl,
  FoundListing,
  SearchFacets,
  WithdrawReason,
} from '../market/catalogue.ts'
import { Certificate } from '../market/certificate.ts'
import { Installation, InstallationName, InstallPlan, InstallWish, UninstallPlan } from '../market/installation.ts'
import { Channel, Listing, ListingCategory, ListingVersion } from '../market/listing.ts'
import { ListingUsage, OPINIONS_SHOWN, Opinion, OpinionNote, Rating, Stars } from '../market/opinion.ts'
import { SIGNATURES_MAX, SIGNING_KEYS_MAX, SigningKeyId } from '../models/trust.ts'
import { Name, Page, pageOf } from '../values/names.ts'
import { procedure } from './procedure.ts'

export const catalogueProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/catalogues',
    access: 'market.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the subscribed catalogues, with their state',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rows: z.array(Catalogue), folders: z.array(Name).max(100) })),
  add: procedure({
    method: 'PUT',
    path: '/v1/catalogues/{name}',
    access: 'market.write',
    scope: 'none',
    approval: 'none',
    summary:
      "Subscribe to the catalogue in the folder of this name, or mirror it from a URL, trusted by its publishers' keys",
    errors: ['catalogue_refused', 'signing_key_unknown'],
  })
    .input(
      z.strictObject({
        name: Name,
        keys: z.array(SigningKeyId).min(1).max(SIGNING_KEYS_MAX),
        signatures: z.int().min(1).max(SIGNATURES_MAX).default(1),
        url: CatalogueUrl.optional(),
      }),
    )
    .output(Catalogue),
  refresh: procedure({
    method: 'POST',
    path: '/v1/catalogues/{name}/refresh',
    access: 'market.write',
    scope: 'none',
    approval: 'none',
    summary: 'Read the index of a catalogue now',
    errors: ['catalogue_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(Catalogue),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/catalogues/{name}',
    access: 'market.write',
    scope: 'none',
    approval: 'none',
    summary: 'End the subscription to a catalogue; installations stay',
    errors: ['catalogue_unknown', 'catalogue_refused'],
  })
    .input(z.strictObject({ name: Name }))
    .output(z.strictObject({})),
  create: procedure({
    method: 'POST',
    path: '/v1/catalogues/{name}/create',
    access: 'market.write',
    scope: 'none',
    approval: 'none',
    summary: 'Begin a catalogue of the organisation, which the hub signs, and into which reviewers accept submissions',
    errors: ['catalogue_refused'],
  })
    .input(z.strictObject({ name: Name }))
    .output(Catalogue),
  yank: procedure({
    method: 'POST',
    path: '/v1/catalogues/{name}/yank',
    access: 'market.review',
    scope: 'none',
    approval: 'none',
    summary: "Withdraw a version from the organisation's own catalogue: it continues where it runs",
    errors: ['catalogue_unknown', 'catalogue_refused', 'listing_unknown'],
  })
    .input(z.strictObject({ name: Name, listing: Name, version: ListingVersion, reason: WithdrawReason }))
    .output(Catalogue),
}

const about = { catalogue: Name, listing: Name }
const listing = { ...about, version: ListingVersion.optional() }
const listingErrors = ['catalogue_unknown', 'listing_unknown', 'listing_tampered'] as const
const planErrors = [
  ...listingErrors,
  'catalogue_refused',
  'installation_refused',
  'selector_invalid',
  'site_unknown',
  'device_unknown',
] as const

export const marketProcedures = {
  search: procedure({
    method: 'GET',
    path: '/v1/listings',
    access: 'market.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Search the listings of all subscribed catalogues',
    errors: [],
  })
    .input(
      z.strictObject({
        ...Page,
        text: z.string().max(200).optional(),
        category: ListingCategory.optional(),
        kind: z.string().max(20).optional(),
        publisher: z.string().max(80).optional(),
        channel: Channel.optional(),
        /** Only listings that work with the sources of the organisation. */
        recommended: z.stringbool().optional(),
      }),
    )
    .output(z.strictObject({ ...pageOf(FoundListing).shape, total: z.int().min(0), facets: SearchFacets })),
  get: procedure({
    method: 'GET',
    path: '/v1/catalogues/{catalogue}/listings/{listing}',
    access: 'market.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show a listing whole, with its versions and its certificate',
    errors: listingErrors,
  })
    .input(z.strictObject(listing))
    .output(
      z.strictObject({
        listing: Listing,
        entry: CatalogueEntry,
        versions: z.array(CatalogueEntry).max(1_000),
        certificate: Certificate.optional(),
        /** The installations of the listing. */
        installations: z.array(Installation).max(100),
        rating: Rating.optional(),
        /** Of all its installations. */
        usage: ListingUsage.optional(),
      }),
    ),
  plan: procedure({
    method: 'POST',
    path: '/v1/installations/{name}/plan',
    access: 'market.read',
    scope: 'selecting',
    approval: 'none',
    isReadOnly: true,
    summary: 'Show the steps, permissions and devices of an installation or upgrade, without a change',
    errors: planErrors,
  })
    .input(InstallWish)
    .output(InstallPlan),
  install: procedure({
    method: 'PUT',
    path: '/v1/installations/{name}',
    access: 'market.install',
    scope: 'selecting',
    approval: 'none',
    summary: 'Begin an installation or upgrade: its files are stored, and the caller carries out the steps',
    errors: [
      ...planErrors,
      'market_permission_unaccepted',
      'entitlement_missing',
      'storage_quota_reached',
      'storage_full',
    ],
  })
    .input(InstallWish)
    .output(InstallPlan),
  complete: procedure({
    method: 'POST',
    path: '/v1/installations/{name}/complete',
    access: 'market.install',
    scope: 'whole',
    approval: 'none',
    summary: 'Record that the steps of an installation, or of its removal, are done',
    errors: ['installation_unknown'],
  })
    .input(z.strictObject({ name: InstallationName }))
    .output(z.strictObject({ installation: Installation.optional() })),
  installations: procedure({
    method: 'GET',
    path: '/v1/installations',
    access: 'market.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List installations, with available upgrades',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(Installation)),
  uninstall: procedure({
    method: 'POST',
    path: '/v1/installations/{name}/uninstall',
    access: 'market.install',
    scope: 'none',
    approval: 'none',
    summary: 'Begin to remove an installation: the answer has the steps, and the objects that stay',
    errors: ['installation_unknown', 'installation_refused'],
  })
    .input(z.strictObject({ name: InstallationName }))
    .output(UninstallPlan),
  opinions: procedure({
    method: 'GET',
    path: '/v1/catalogues/{catalogue}/listings/{listing}/opinions',
    access: 'market.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the ratings and notes of the organisation on a listing, the newest first',
    errors: ['catalogue_unknown', 'listing_unknown'],
  })
    .input(z.strictObject(about))
    .output(z.strictObject({ rows: z.array(Opinion).max(OPINIONS_SHOWN), rating: Rating.optional() })),
  rate: procedure({
    method: 'PUT',
    path: '/v1/catalogues/{catalogue}/listings/{listing}/opinions',
    access: 'market.install',
    scope: 'none',
    approval: 'none',
    summary: 'Set your own rating and note on a listing, in place of the earlier ones',
    errors: ['catalogue_unknown', 'listing_unknown'],
  })
    .input(
      z
        .strictObject({
          ...about,
          stars: Stars.optional(),
          note: OpinionNote.optional(),
          isPrivate: z.boolean().default(false),
        })
        .refine(({ stars, note }) => stars !== undefined || note !== undefined, 'give stars, a note, or both'),
    )
    .output(Opinion),
  unrate: procedure({
    method: 'DELETE',
    path: '/v1/catalogues/{catalogue}/listings/{listing}/opinions',
    access: 'market.install',
    scope: 'none',
    approval: 'none',
    summary: 'Remove your own rating and note',
    errors: ['catalogue_unknown', 'listing_unknown'],
  })
    .input(z.strictObject(about))
    .output(z.strictObject({})),
}
