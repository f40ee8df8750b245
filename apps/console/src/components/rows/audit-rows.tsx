/** Audit rows: records of the trail as sentences, one line each. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { SentencePart } from '@skerry/core/audit/audit-words'
import { Bot, Eye, KeyRound, Server, User, UserX } from 'lucide-react'
import { texts } from '../../texts/english.ts'
import { Badge } from '../facts/badge.tsx'
import { Instant } from '../facts/instant.tsx'
import { auditPath } from './audit-path.ts'
import { DeviceTime } from './device-time.tsx'
import { PathLink } from './path-link.tsx'

export const ACTOR_ICON = { key: KeyRound, user: User, device: Server, hub: Bot, anonymous: UserX } as const

/** The name of the actor, its id or its kind. */
export const actorText = ({ kind, name, id }: AuditRecord['actor']): string =>
  kind === 'hub' ? texts.audit.hub : name || id || kind

/** A record with its words, which are loaded apart from the first page. */
export type WordedRecord = { record: AuditRecord; sentence: readonly SentencePart[]; isDryRun: boolean }

/** The rows, newest first as they come. */
export function AuditRows({ rows }: { rows: readonly WordedRecord[] }) {
  return (
    <ul className="divide-y divide-line text-sm">
      {rows.map(({ record, sentence, isDryRun }) => {
        const Icon = ACTOR_ICON[record.actor.kind]
        return (
          <li key={record.sequence} className="flex items-center gap-3 px-4 py-2">
            <Icon size={15} className="shrink-0 text-faint" aria-hidden />
            <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1 wrap-anywhere">
              <span title={record.action}>
                <Sentence record={record} parts={sentence} />
                <DeviceTime record={record} />
                <ReasonText reason={record.detail.reason} />
              </span>
              {isDryRun && <DryRunBadge />}
              {record.result !== 'ok' && <span className="font-mono text-xs text-bad">{record.result}</span>}
            </span>
            <span className="w-20 shrink-0 text-right text-xs text-soft">
              <Instant ms={record.atMs} />
            </span>
          </li>
        )
      })}
    </ul>
  )
}

/** The reason of a person, or of the hub for its own decision. */
const ReasonText = ({ reason }: { reason: unknown }) =>
  typeof reason === 'string' && reason !== '' && <span className="text-soft">: {reason}</span>

/** The parts of a sentence. The object is a link to its page. Plain text has no element, because tables are long. */
export function Sentence({ record, parts }: { record: AuditRecord; parts: readonly SentencePart[] }) {
  return parts.map(({ kind, text }) => {
    if (kind === 'text') return text
    if (kind === 'actor')
      return (
        <b key={kind} className="font-medium">
          {text}
        </b>
      )
    return (
      <PathLink key={kind} path={auditPath(record)} className="rounded font-medium hover:text-accent hover:underline">
        {text}
      </PathLink>
    )
  })
}

export const DryRunBadge = () => (
  <Badge tone="idle" icon={Eye}>
    {texts.audit.dryRun}
  </Badge>
)
