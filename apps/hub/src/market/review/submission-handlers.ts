/** Handlers of the procedures on submissions. */
import type { SubmissionDetail } from '@skerry/contract/market/submission'
import { SUBMISSIONS_PENDING_MAX } from '@skerry/contract/market/submission'
import type { SubmissionId } from '@skerry/contract/values/ids'
import { listingEntry } from '@skerry/core/market/listing-entry'
import { newestFirst } from '@skerry/core/market/listing-versions'
import {
  decisionProblem,
  reviewNotices,
  submissionPermissions,
  submissionProblem,
} from '@skerry/core/market/review/review-submission'
import { openSubmission } from '@skerry/platform/signatures/submission-signature'
import type { KeyCall } from '../../http/call.ts'
import { os } from '../../http/implementer.ts'
import { pageFrom } from '../../http/page.ts'
import { problem } from '../../http/problem.ts'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { MarketSubmissionTable } from '../../store/tables/market/market-tables.ts'
import { entriesOf } from '../catalogue-index.ts'
import { type CatalogueRow, findCatalogue } from '../catalogue-store.ts'
import { readListing } from '../open-listing.ts'
import { folderOf } from '../read-catalogue.ts'
import { acceptSubmission, ownCatalogue, trustedKeys } from './accept-submission.ts'
import { inspectSubmission } from './inspect-submission.ts'
import {
  acceptedKeys,
  countPending,
  decideSubmission,
  findSubmission,
  insertComment,
  insertSubmission,
  listSubmissions,
  type SubmissionRow,
  submissionComments,
  submissionOf,
  wholeSubmission,
} from './submission-store.ts'

export const submissionHandlers = {
  create: os.submission.create.handler(async ({ context, input: { envelope }, signal = context.hub.signal }) => {
    const { hub, organisationId } = context
    const opened = openSubmission(envelope, await trustedKeys(hub, organisationId))
    if (!opened.ok) throw problem('submission_refused', opened.message)
    const { statement, keyId } = opened
    const catalogue = await ownCatalogue(hub, organisationId, statement.catalogue)
    const inspected = await inspectSubmission(hub, { organisationId, statement, signal })
    const { listing, certificate, files } = inspected
    const published = await versionsIn(context, catalogue, listing.name)
    const refusal = submissionProblem({ ...inspected, statement, published })
    if (refusal !== undefined) throw problem('submission_refused', refusal)
    const entry = listingEntry(listing, { ...statement.listing, certificate: statement.certificate })
    const row: MarketSubmissionTable = {
      ...newRow(context),
      catalogue: catalogue.name,
      listing: listing.name,
      version: listing.version,
      envelope: toJson(envelope),
      key_id: keyId,
      document: toJson(listing),
      entry: toJson(entry),
      certificate: toJson(certificate),
    }
    await context.change(async (tx, note) => {
      note.object = { kind: 'submission', id: row.id }
      note.detail = { listing: row.listing, version: row.version, catalogue: row.catalogue, digest: entry.digest }
      if ((await countPending(tx, organisationId)) >= SUBMISSIONS_PENDING_MAX)
        throw problem(
          'submission_refused',
          `${SUBMISSIONS_PENDING_MAX} submissions are pending; a reviewer has to decide`,
        )
      await insertSubmission(tx, row, files)
    })
    return submissionOf(await knownSubmission(context, row.id))
  }),
  list: os.submission.list.handler(async ({ context, input: { limit, after, state } }) => {
    const { hub, organisationId } = context
    const rows = await listSubmissions(hub.store.db, {
      organisationId,
      limit: limit + 1,
      before: cursorOf(after),
      state,
    })
    const page = pageFrom(rows, limit, ({ submitted_at_ms, id }) => `${submitted_at_ms}.${id}`)
    return { ...page, rows: page.rows.map(submissionOf) }
  }),
  get: os.submission.get.handler(({ context, input }) => detailOf(context, input.submission)),
  comment: os.submission.comment.handler(async ({ context, input: { submission: id, text } }) => {
    const { hub, organisationId, caller } = context
    await knownSubmission(context, id)
    await context.change(async (tx, note) => {
      note.object = { kind: 'submission', id }
      const comment = { atMs: hub.clock.nowMs(), by: caller.name, text }
      if (!(await insertComment(tx, { organisationId, id }, comment)))
        throw problem('submission_refused', 'the submission has as many comments as it can have')
    })
    return detailOf(context, id)
  }),
  withdraw: os.submission.withdraw.handler(({ context, input: { submission, reason } }) =>
    end(context, submission, { decision: 'withdraw', reason }),
  ),
  accept: os.submission.accept.handler(async ({ context, input: { submission: id }, signal = context.hub.signal }) => {
    const { hub, organisationId } = context
    refuseDecision(context, await knownSubmission(context, id), 'accept')
    const row = await wholeSubmission(hub.store.db, { organisationId, id })
    if (!row) throw problem('submission_unknown')
    await acceptSubmission(context, row, signal)
    return submissionOf(await knownSubmission(context, id))
  }),
  reject: os.submission.reject.handler(({ context, input: { submission, reason } }) =>
    end(context, submission, { decision: 'reject', reason }),
  ),
}

function newRow({ hub, organisationId, caller }: KeyCall) {
  return {
    organisation_id: organisationId,
    id: hub.ids.submission(),
    state: 'pending' as const,
    submitted_at_ms: hub.clock.nowMs(),
    submitted_by: caller.name,
    person_id: caller.personId,
    decided_at_ms: null,
    decided_by: null,
    reason: null,
  }
}

const STATE_OF = { reject: 'rejected', withdraw: 'withdrawn' } as const

type Ending = { decision: keyof typeof STATE_OF; reason: string }

async function end(context: KeyCall, id: SubmissionId, { decision, reason }: Ending) {
  const { hub, organisationId, caller } = context
  const row = await knownSubmission(context, id)
  refuseDecision(context, row, decision)
  await context.change(async (tx, note) => {
    note.object = { kind: 'submission', id }
    note.detail = { listing: row.listing, version: row.version, catalogue: row.catalogue, reason }
    const decided = { decided_at_ms: hub.clock.nowMs(), decided_by: caller.name, reason }
    const isDone = await decideSubmission(tx, { organisationId, id }, { ...decided, state: STATE_OF[decision] })
    if (!isDone) throw problem('submission_decided')
  })
  return submissionOf(await knownSubmission(context, id))
}

function refuseDecision({ caller }: KeyCall, row: SubmissionRow, decision: 'accept' | keyof typeof STATE_OF): void {
  const facts = { state: row.state, submittedBy: row.person_id }
  const refusal = decisionProblem(facts, { decision, person: caller.personId })
  if (refusal) throw problem(refusal)
}

async function knownSubmission({ hub, organisationId }: KeyCall, id: SubmissionId): Promise<SubmissionRow> {
  const row = await findSubmission(hub.store.db, { organisationId, id })
  if (!row) throw problem('submission_unknown')
  return row
}

/** The row after which a page continues. */
function cursorOf(after: string | undefined): { atMs: number; id: string } | undefined {
  if (after === undefined) return undefined
  const [, atMs, id = ''] = /^(\d{1,15})\.(.+)$/.exec(after) ?? []
  if (atMs === undefined) throw problem('input_invalid', 'after must be the value of next from an earlier page')
  return { atMs: Number(atMs), id }
}

const versionsIn = async ({ hub }: KeyCall, catalogue: CatalogueRow, listing: string) =>
  newestFirst((await entriesOf(hub, catalogue)).filter(({ name }) => name === listing))

async function detailOf(context: KeyCall, id: SubmissionId): Promise<SubmissionDetail> {
  const { hub, organisationId } = context
  const submission = await knownSubmission(context, id)
  const row = await wholeSubmission(hub.store.db, { organisationId, id })
  if (!row) throw problem('submission_unknown')
  const listing = fromJson(row.document)
  const catalogue = await findCatalogue(hub.store.db, { organisationId, name: row.catalogue })
  // A published submission is compared with the versions that were there before it.
  const all = catalogue ? await versionsIn(context, catalogue, row.listing) : []
  const published = all.filter(({ version }) => version !== row.version)
  const [newest] = published
  const before = catalogue && newest ? await readListing(folderOf(hub, catalogue), newest) : undefined
  const certificate = fromJson(row.certificate)
  const place = { organisationId, catalogue: row.catalogue, listing: row.listing }
  const earlierKeys = await acceptedKeys(hub.store.db, place)
  return {
    submission: submissionOf(submission),
    listing,
    entry: fromJson(row.entry),
    certificate,
    ...(newest && { follows: newest.version }),
    permissions: submissionPermissions({ listing, before }),
    notices: reviewNotices({ listing, certificate, published, before, earlierKeys, keyId: row.key_id }),
    comments: await submissionComments(hub.store.db, { organisationId, id }),
  }
}
