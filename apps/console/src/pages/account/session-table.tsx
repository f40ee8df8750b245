/** Session table: where somebody is signed in. */
import type { UserSession } from '@skerry/contract/people/user'
import type { ReactNode } from 'react'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { browserName } from './browser-name.ts'
import { accountTexts } from './english-account.ts'

const words = accountTexts.sessions

type SessionTableProps = {
  label: string
  sessions: readonly UserSession[]
  endButton: (session: UserSession) => ReactNode
}

export const SessionTable = ({ label, sessions, endButton }: SessionTableProps) => (
  <PlainTable
    label={label}
    headers={[words.browser, words.from, words.since, words.ends, words.end]}
    rows={sessions.map((session) => ({
      key: session.id,
      cells: [
        <span key="browser" title={session.browser} className="inline-flex items-center gap-2 whitespace-nowrap">
          {browserName(session.browser)}
          {session.isThis && <Badge tone="good">{words.isThis}</Badge>}
        </span>,
        <code key="from" className="font-mono text-xs">
          {session.source}
        </code>,
        <Instant key="since" ms={session.createdAtMs} />,
        <Instant key="ends" ms={session.expiresAtMs} />,
        session.isThis ? null : endButton(session),
      ],
    }))}
  />
)
