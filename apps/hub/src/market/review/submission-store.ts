/** Submission store: listings under review as records, with the blobs that they hold, and their comments. */
import {
  SUBMISSION_COMMENTS_MAX,
  type Submission,
  type SubmissionComment,
  type SubmissionState,
} from '@skerry/contract/market/submission'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId, SubmissionId } from '@skerry/contract/values/ids'
import { fromJson } from '../../store/json-column.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { MarketSubmissionTable } from '../../store/tables/market/market-tables.ts'

type Place = { organisationId: OrganisationId; id: SubmissionId }

/** A submission without its documents, and the number of its comments. */
export type SubmissionRow = Omit<MarketSubmissionTable, 'envelope' | 'document' | 'certificate'> & {
  comments: number | string | bigint | null
}

const COLUMNS = [
  'organisation_id',
  'id',
  'catalogue',
  'listing',
  'version',
  'state',
  'key_id',
  'entry',
  'submitted_at_ms',
  'submitted_by',
  'person_id',
  'decided_at_ms',
  'decided_by',
  'reason',
] as const

const withComments = (db: Db) =>
  db
    .selectFrom('market_submissions')
    .select(COLUMNS)
    .select(({ selectFrom, fn }) =>
      selectFrom('market_submission_comments')
        .select(fn.countAll().as('count'))
        .whereRef('market_submission_comments.organisation_id', '=', 'market_submissions.organisation_id')
        .whereRef('market_submission_comments.submission', '=', 'market_submissions.id')
        .as('comments'),
    )

type Wanted = {
  organisationId: OrganisationId
  limit: number
  before: { atMs: number; id: string } | undefined
  state: SubmissionState | undefined
}

/** One page, the newest first. */
export const listSubmissions = (db: Db, { organisationId, limit, before, state }: Wanted): Promise<SubmissionRow[]> =>
  withComments(db)
    .where('organisation_id', '=', organisationId)
    .$if(state !== undefined, (select) => select.where('state', '=', state ?? 'pending'))
    .$if(before !== undefined, (select) =>
      select.where(({ eb, or, and }) =>
        or([
          eb('submitted_at_ms', '<', before?.atMs ?? 0),
          and([eb('submitted_at_ms', '=', before?.atMs ?? 0), eb('id', '<', (before?.id ?? '') as SubmissionId)]),
        ]),
      ),
    )
    .orderBy('submitted_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** Undefined if the organisation has no such submission. */
export const findSubmission = (db: Db, { organisationId, id }: Place): Promise<SubmissionRow | undefined> =>
  withComments(db).where('organisation_id', '=', organisationId).where('id', '=', id).executeTakeFirst()

/** The submission with its documents. */
export const wholeSubmission = (db: Db, { organisationId, id }: Place): Promise<MarketSubmissionTable | undefined> =>
  db
    .selectFrom('market_submissions')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst()

/** The number of pending submissions. */
export async function countPending(db: Db, organisationId: OrganisationId): Promise<number> {
  const row = await db
    .selectFrom('market_submissions')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** The keys that signed the accepted versions of a listing. */
export async function acceptedKeys(
  db: Db,
  { organisationId, catalogue, listing }: { organisationId: OrganisationId; catalogue: string; listing: string },
): Promise<string[]> {
  const rows = await db
    .selectFrom('market_submissions')
    .select('key_id')
    .distinct()
    .where('organisation_id', '=', organisationId)
    .where('catalogue', '=', catalogue)
    .where('listing', '=', listing)
    .where('state', '=', 'accepted')
    .execute()
  return rows.map(({ key_id }) => key_id)
}

export type HeldFile = { digest: Digest; sizeBytes: number }

/** Inserts the submission. Its blobs are not collected while it is pending. */
export async function insertSubmission(tx: Tx, row: MarketSubmissionTable, files: readonly HeldFile[]): Promise<void> {
  await tx.insertInto('market_submissions').values(row).execute()
  for (const { digest, sizeBytes } of files) {
    const { organisation_id, id } = row
    await tx
      .insertInto('market_submission_files')
      .values({ organisation_id, digest, submission: id, size_bytes: sizeBytes })
      .execute()
  }
}

/** The blobs of a pending submission. */
export async function submissionFiles(db: Db, { organisationId, id }: Place): Promise<HeldFile[]> {
  const rows = await db
    .selectFrom('market_submission_files')
    .select(['digest', 'size_bytes'])
    .where('organisation_id', '=', organisationId)
    .where('submission', '=', id)
    .execute()
  return rows.map(({ digest, size_bytes }) => ({ digest, sizeBytes: Number(size_bytes) }))
}

type Decided = { state: SubmissionState; decided_at_ms: number; decided_by: string; reason: string | null }

/** Ends the review, and releases the blobs. False if another person has decided meanwhile. */
export async function decideSubmission(tx: Tx, { organisationId, id }: Place, decided: Decided): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('market_submissions')
    .set(decided)
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await tx
    .deleteFrom('market_submission_files')
    .where('organisation_id', '=', organisationId)
    .where('submission', '=', id)
    .execute()
  return true
}

/** All comments, the oldest first. */
export async function submissionComments(db: Db, { organisationId, id }: Place): Promise<SubmissionComment[]> {
  const rows = await db
    .selectFrom('market_submission_comments')
    .select(['at_ms', 'author', 'text'])
    .where('organisation_id', '=', organisationId)
    .where('submission', '=', id)
    .orderBy('number')
    .execute()
  return rows.map(({ at_ms, author, text }) => ({ atMs: Number(at_ms), by: author, text }))
}

/** Adds a comment. False if the submission has as many as it can have. */
export async function insertComment(
  tx: Tx,
  { organisationId, id }: Place,
  { atMs, by, text }: SubmissionComment,
): Promise<boolean> {
  const { last } = await tx
    .selectFrom('market_submission_comments')
    .select(({ fn }) => fn.max('number').as('last'))
    .where('organisation_id', '=', organisationId)
    .where('submission', '=', id)
    .executeTakeFirstOrThrow()
  const number = Number(last ?? 0) + 1
  if (number > SUBMISSION_COMMENTS_MAX) return false
  const row = { organisation_id: organisationId, submission: id, number, at_ms: atMs, author: by, text }
  await tx.insertInto('market_submission_comments').values(row).execute()
  return true
}

/** The submission as the API shows it. */
export function submissionOf(row: SubmissionRow): Submission {
  const entry = fromJson(row.entry)
  return {
    id: row.id,
    catalogue: row.catalogue,
    listing: row.listing,
    version: row.version,
    title: entry.title,
    publisher: entry.publisher,
    level: entry.certificate?.level ?? 1,
    state: row.state,
    submittedAtMs: Number(row.submitted_at_ms),
    submittedBy: row.submitted_by,
    keyId: row.key_id,
    ...(row.decided_at_ms !== null && { decidedAtMs: Number(row.decided_at_ms) }),
    ...(row.decided_by !== null && { decidedBy: row.decided_by }),
    ...(row.reason !== null && { reason: row.reason }),
    comments: Number(row.comments ?? 0),
  }
}
