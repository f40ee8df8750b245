/** Procedures on submissions: listings that publishers send for review. */
import * as z from 'zod'
import {
  CommentText,
  Submission,
  SubmissionDetail,
  SubmissionEnvelope,
  SubmissionState,
} from '../../market/submission.ts'
import { SubmissionId } from '../../values/ids.ts'
import { Page, pageOf, Reason } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

const submission = { submission: SubmissionId }

export const submissionProcedures = {
  create: procedure({
    method: 'POST',
    path: '/v1/submissions',
    access: 'market.submit',
    scope: 'none',
    approval: 'none',
    summary: 'Submit a signed version of a listing, whose files were uploaded before, for review',
    errors: ['catalogue_unknown', 'submission_refused', 'blob_unknown'],
  })
    .input(z.strictObject({ envelope: SubmissionEnvelope }))
    .output(Submission),
  list: procedure({
    method: 'GET',
    path: '/v1/submissions',
    access: 'market.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List submissions, the newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page, state: SubmissionState.optional() }))
    .output(pageOf(Submission)),
  get: procedure({
    method: 'GET',
    path: '/v1/submissions/{submission}',
    access: 'market.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show a submission with its listing, evidence, permissions and comments',
    errors: ['submission_unknown'],
  })
    .input(z.strictObject(submission))
    .output(SubmissionDetail),
  comment: procedure({
    method: 'POST',
    path: '/v1/submissions/{submission}/comments',
    access: 'market.submit',
    scope: 'none',
    approval: 'none',
    summary: 'Add a comment to a submission, as its publisher or as a reviewer',
    errors: ['submission_unknown', 'submission_refused'],
  })
    .input(z.strictObject({ ...submission, text: CommentText }))
    .output(SubmissionDetail),
  withdraw: procedure({
    method: 'POST',
    path: '/v1/submissions/{submission}/withdraw',
    access: 'market.submit',
    scope: 'none',
    approval: 'none',
    summary: 'Withdraw your pending submission',
    errors: ['submission_unknown', 'submission_decided', 'submission_foreign'],
  })
    .input(z.strictObject({ ...submission, reason: Reason }))
    .output(Submission),
  accept: procedure({
    method: 'POST',
    path: '/v1/submissions/{submission}/accept',
    access: 'market.review',
    scope: 'none',
    approval: 'none',
    summary: "Accept the submission of another person, and publish it into the organisation's catalogue",
    errors: [
      'submission_unknown',
      'submission_decided',
      'submission_own',
      'submission_refused',
      'catalogue_unknown',
      'storage_full',
    ],
  })
    .input(z.strictObject(submission))
    .output(Submission),
  reject: procedure({
    method: 'POST',
    path: '/v1/submissions/{submission}/reject',
    access: 'market.review',
    scope: 'none',
    approval: 'none',
    summary: 'Reject a submission, with the reason that its publisher reads',
    errors: ['submission_unknown', 'submission_decided'],
  })
    .input(z.strictObject({ ...submission, reason: Reason }))
    .output(Submission),
}
