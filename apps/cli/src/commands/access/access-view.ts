/** Access view: grants and sessions of remote access as tables. */
import type { AccessGrant, AccessSession } from '@skerry/contract/access/access'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { digestText, instantText } from '../../program/terminal/words.ts'

/** What a grant covers, in one line. */
export const coverText = ({
  kinds,
  targets,
  path,
  isModerated,
}: Pick<AccessGrant, 'kinds' | 'targets' | 'path' | 'isModerated'>): string =>
  kinds
    .map((kind) => {
      if (kind === 'port') return `port ${targets.join(' ')}`
      return kind === 'file' ? `file ${path ?? ''}` : kind
    })
    .join(', ')
    .concat(isModerated ? ', moderated' : '')

/** One line for each grant. */
export const grantsTable = (grants: readonly AccessGrant[], style: Style): string =>
  tableOf(
    style,
    ['GRANT', 'DEVICE', 'PERSON', 'COVERS', 'STATE', 'EXPIRES', 'OPEN', 'REASON'],
    grants.map((grant) => [
      grant.id,
      grant.device,
      grant.holder.name,
      coverText(grant),
      grant.state,
      instantText(grant.revoked?.atMs ?? grant.expiresAtMs),
      grant.openSessions,
      grant.reason,
    ]),
    'no grants yet; "skerry access request" gets one',
  )

/** One line for each session. */
export const sessionsTable = (sessions: readonly AccessSession[], style: Style): string =>
  tableOf(
    style,
    ['SESSION', 'DEVICE', 'PERSON', 'KIND', 'BEGAN', 'STATE', 'RECORDING'],
    sessions.map(({ id, device, holder, kind, target, createdAtMs, state, ended, exitCode, recording, watchers }) => [
      id,
      device,
      holder.name,
      target === undefined ? kind : `${kind} ${target}`,
      instantText(createdAtMs),
      [
        state,
        ended,
        exitCode === undefined ? undefined : `exit ${exitCode}`,
        watchers && `watched by ${watchers.join(' and ')}`,
      ]
        .filter(Boolean)
        .join(', '),
      recording && `${digestText(recording.digest)}${recording.isWhole ? '' : ', cut'}`,
    ]),
    'no sessions yet',
  )
