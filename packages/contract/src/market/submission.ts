/**
 * Submission: a version of a listing that a publisher sends to a hub, signed, for review. Reviewers accept it into a
 * catalogue of the organisation, which the hub signs.
 *
 *     pending ─▶ accepted | rejected | withdrawn
 */
import * as z from 'zod'
import { SIGNATURES_MAX, SigningKeyId } from '../models/trust.ts'
import { Digest } from '../values/digest.ts'
import { SubmissionId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { CatalogueEntry, CertificateReference } from './catalogue.ts'
import { Certificate } from './certificate.ts'
import { PermissionDiff } from './installation.ts'
import { LISTING_BYTES_MAX, Listing, ListingVersion, ShortName } from './listing.ts'

/** It differs from the type of an index, so that nobody can pass a submission off as a catalogue. */
export const SUBMISSION_PAYLOAD_TYPE = 'application/vnd.skerry.submission+json'

/** The statement has names and digests only. */
const STATEMENT_BYTES_MAX = 16 * 1024

/** More pending submissions than reviewers can read in a week. */
export const SUBMISSIONS_PENDING_MAX = 100

/** A longer discussion belongs into a meeting. */
export const SUBMISSION_COMMENTS_MAX = 200

/** The signed statement: exactly these bytes, for this catalogue. */
export const SubmissionStatement = z.strictObject({
  v: z.literal(1),
  catalogue: Name,
  listing: z.strictObject({
    name: ShortName,
    version: ListingVersion,
    digest: Digest,
    sizeBytes: z.int().min(1).max(LISTING_BYTES_MAX),
  }),
  certificate: CertificateReference,
})
export type SubmissionStatement = z.infer<typeof SubmissionStatement>

export const SubmissionEnvelope = z.strictObject({
  payload: z.base64().min(1).max(STATEMENT_BYTES_MAX),
  payloadType: z.literal(SUBMISSION_PAYLOAD_TYPE),
  signatures: z
    .array(z.strictObject({ sig: z.base64().min(1).max(1_024), keyid: SigningKeyId }))
    .min(1)
    .max(SIGNATURES_MAX),
})
export type SubmissionEnvelope = z.infer<typeof SubmissionEnvelope>

export const SubmissionState = z.enum(['pending', 'accepted', 'rejected', 'withdrawn'])
export type SubmissionState = z.infer<typeof SubmissionState>

/** A person's answer, or a note of a publisher. */
export const CommentText = z.string().trim().min(1).max(2_000)

export const Submission = z.strictObject({
  id: SubmissionId,
  catalogue: Name,
  listing: Name,
  version: ListingVersion,
  title: Listing.shape.title,
  publisher: Listing.shape.publisher,
  /** Of the certificate. */
  level: z.int().min(1).max(3),
  state: SubmissionState,
  submittedAtMs: InstantMs,
  submittedBy: z.string(),
  /** The trusted key that signed it. */
  keyId: SigningKeyId,
  decidedAtMs: InstantMs.optional(),
  decidedBy: z.string().optional(),
  /** Why it was rejected or withdrawn. */
  reason: z.string().max(500).optional(),
  comments: z.int().min(0),
})
export type Submission = z.infer<typeof Submission>

export const SubmissionComment = z.strictObject({ atMs: InstantMs, by: z.string(), text: CommentText })
export type SubmissionComment = z.infer<typeof SubmissionComment>

/** All that a reviewer decides by. */
export const SubmissionDetail = z.strictObject({
  submission: Submission,
  listing: Listing,
  entry: CatalogueEntry,
  certificate: Certificate,
  /** The newest published version, with which the permissions are compared. Absent for a first version. */
  follows: ListingVersion.optional(),
  permissions: PermissionDiff,
  /** Sentences that a reviewer has to weigh. */
  notices: z.array(z.string().max(500)).max(100),
  comments: z.array(SubmissionComment).max(SUBMISSION_COMMENTS_MAX),
})
export type SubmissionDetail = z.infer<typeof SubmissionDetail>
