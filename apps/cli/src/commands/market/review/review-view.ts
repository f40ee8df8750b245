/** Review view: submissions in the terminal. */
import type { Submission, SubmissionDetail } from '@skerry/contract/market/submission'
import { permissionKey } from '@skerry/core/market/permission-diff'
import type { Style } from '../../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../../program/terminal/table.ts'
import { agoText, instantText } from '../../../program/terminal/words.ts'
import { statementsText } from '../publish/certify-folder.ts'

export const submissionsTable = (rows: readonly Submission[], style: Style, nowMs: number): string =>
  tableOf(
    style,
    ['ID', 'LISTING', 'CATALOGUE', 'CERTIFIED', 'STATE', 'SUBMITTED', 'BY', 'COMMENTS'],
    rows.map(({ id, listing, version, catalogue, level, state, submittedAtMs, submittedBy, comments }) => [
      id,
      `${listing}@${version}`,
      catalogue,
      `level ${level}`,
      stateText(state, style),
      agoText(submittedAtMs, nowMs),
      submittedBy,
      comments,
    ]),
    'no submissions; "skerry market submit" sends one',
  )

/** One submission after a change. */
export const submissionText = (submission: Submission, style: Style): string =>
  factsOf(style, [
    ['id', submission.id],
    ['listing', `${submission.listing}@${submission.version}, ${submission.title}`],
    ['catalogue', submission.catalogue],
    ['certified', `level ${submission.level}`],
    ['state', stateText(submission.state, style)],
    ['submitted by', `${submission.submittedBy}, ${instantText(submission.submittedAtMs)}`],
    ['signed by', submission.keyId],
    ['decided by', submission.decidedBy && `${submission.decidedBy}, ${instantText(submission.decidedAtMs)}`],
    ['reason', submission.reason],
  ])

/** All that a reviewer decides by. */
export function detailText(detail: SubmissionDetail, style: Style): string {
  const { submission, listing, certificate, follows, permissions, notices, comments } = detail
  const added = new Set(permissions.unaccepted.map(permissionKey))
  const change = (key: string) => (follows === undefined || !added.has(key) ? 'as before' : style.yellow('new'))
  const asked = permissions.asked.map((permission) => {
    const key = permissionKey(permission)
    return [key, follows === undefined ? 'first version' : change(key), permission.purpose]
  })
  const dropped = permissions.dropped.map((key) => [key, 'no longer asked', undefined])
  const parts = [
    submissionText(submission, style),
    listing.summary,
    tableOf(style, ['PERMISSION', 'CHANGE', 'PURPOSE'], [...asked, ...dropped], 'it asks for no permission'),
    statementsText(certificate.statements, style),
    notices.map((notice) => `${style.yellow('notice')} ${notice}`).join('\n'),
    comments.map(({ atMs, by, text }) => `${by}, ${instantText(atMs)}: ${text}`).join('\n'),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function stateText(state: Submission['state'], style: Style): string {
  if (state === 'accepted') return style.green(state)
  return state === 'pending' ? style.yellow(state) : state
}
