/** The commands on submissions: people list, show, comment and decide them. */
import { allRows } from '@skerry/client/page'
import { WithdrawReason } from '@skerry/contract/market/catalogue'
import { CommentText, SubmissionState } from '@skerry/contract/market/submission'
import { SubmissionId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { type Command, command, fits, needed, required, value } from '../../../program/command.ts'
import { REASON } from '../../../program/options.ts'
import { parseListing } from '../publish/publish-options.ts'
import { checkSubmission } from './check.ts'
import { detailText, submissionsTable, submissionText } from './review-view.ts'
import { submitListing } from './submit.ts'

const SUBMISSION = required('<submission>', 'id, as "skerry market review ls" shows it', fits(SubmissionId))

const listReviews = command({
  name: 'market review ls',
  summary: 'List submitted listings, the newest first',
  examples: ['skerry market review ls', 'skerry market review ls --state pending'],
  arguments: {},
  options: { state: value('--state <state>', SubmissionState.options.join(', '), fits(SubmissionState)) },
  async run({ state }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const rows = await allRows((page) => client.submission.list({ ...page, ...(state && { state }) }, { signal }))
    session.print({ json: rows, text: () => submissionsTable(rows, session.style, session.io.nowMs()) })
  },
})

const showReview = command({
  name: 'market review show',
  summary: 'Show a submission: evidence, changed permissions, notices and comments',
  examples: ['skerry market review show sub_abcdefgh234567'],
  arguments: { submission: SUBMISSION },
  options: {},
  async run({ submission }, session) {
    const { client } = await session.hub()
    const detail = await client.submission.get({ submission }, { signal: session.signal })
    session.print({ json: detail, text: () => detailText(detail, session.style) })
  },
})

const commentReview = command({
  name: 'market review comment',
  summary: 'Add a comment that the publisher and the reviewers see',
  examples: ['skerry market review comment sub_abcdefgh234567 "why does it need the port?"'],
  arguments: { submission: SUBMISSION, text: required('<text>', 'the comment', fits(CommentText)) },
  options: {},
  async run({ submission, text }, session) {
    const { client } = await session.hub()
    const detail = await client.submission.comment({ submission, text }, { signal: session.signal })
    session.print({ json: detail, text: () => detailText(detail, session.style) })
  },
})

const yankReviewed = command({
  name: 'market review yank',
  summary: "Withdraw a version from your organisation's catalogue: it continues where it runs",
  details:
    'The hub signs the next index at once, and hubs that mirror the catalogue read it within a minute. People who run the version see the ' +
    'reason, and nobody installs it any more. For a catalogue in a folder, use "skerry market yank".',
  examples: ['skerry market review yank level-watch@1.0.0 --catalogue ours --reason "the limit was wrong"'],
  arguments: { listing: required('<listing>', 'NAME@VERSION', parseListing) },
  options: {
    catalogue: needed('--catalogue <name>', 'own catalogue of the organisation', fits(Name)),
    reason: needed('--reason <text>', 'why; people who run the version see it', fits(WithdrawReason)),
  },
  async run({ listing: { name: listing, version }, catalogue, reason }, session) {
    const { client } = await session.hub()
    const done = await client.catalogue.yank({ name: catalogue, listing, version, reason }, { signal: session.signal })
    session.print({ json: done, text: () => `withdrew ${listing}@${version} from ${catalogue}: ${reason}` })
  },
})

const acceptReview = command({
  name: 'market review accept',
  summary: 'Accept the submission of another person, and publish it into the catalogue',
  examples: ['skerry market review accept sub_abcdefgh234567'],
  arguments: { submission: SUBMISSION },
  options: {},
  async run({ submission }, session) {
    const { client } = await session.hub()
    const accepted = await client.submission.accept({ submission }, { signal: session.signal })
    session.print({ json: accepted, text: () => submissionText(accepted, session.style) })
  },
})

const rejectReview = command({
  name: 'market review reject',
  summary: 'Reject a submission, with the reason that its publisher reads',
  examples: ['skerry market review reject sub_abcdefgh234567 --reason "the port is open to the whole network"'],
  arguments: { submission: SUBMISSION },
  options: { reason: REASON },
  async run({ submission, reason }, session) {
    const { client } = await session.hub()
    const rejected = await client.submission.reject({ submission, reason }, { signal: session.signal })
    session.print({ json: rejected, text: () => submissionText(rejected, session.style) })
  },
})

const withdrawReview = command({
  name: 'market review withdraw',
  summary: 'Withdraw your own pending submission',
  examples: ['skerry market review withdraw sub_abcdefgh234567 --reason "a better version follows"'],
  arguments: { submission: SUBMISSION },
  options: { reason: REASON },
  async run({ submission, reason }, session) {
    const { client } = await session.hub()
    const withdrawn = await client.submission.withdraw({ submission, reason }, { signal: session.signal })
    session.print({ json: withdrawn, text: () => submissionText(withdrawn, session.style) })
  },
})

export const reviewCommands: readonly Command[] = [
  submitListing,
  listReviews,
  showReview,
  checkSubmission,
  commentReview,
  acceptReview,
  rejectReview,
  yankReviewed,
  withdrawReview,
]
