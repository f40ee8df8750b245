/** Audit rows: records of the trail, one line each. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { Bot, KeyRound, Server, User, UserX } from 'lucide-react'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { shortDigest } from '../facts/copyable.tsx'
import { Instant } from '../facts/instant.tsx'

export const ACTOR_ICON = { key: KeyRound, user: User, device: Server, hub: Bot, anonymous: UserX } as const

/** Who it was, in words. */
export const actorText = ({ kind, name, id }: AuditRecord['actor']): string =>
  kind === 'hub' ? texts.audit.hub : name || id || kind

/** What it was done to: a name where the record has one, else the id. */
export function objectText({ object, detail }: AuditRecord): string {
  const name = typeof detail.name === 'string' ? detail.name : object.id
  if (name.startsWith('sha256:')) return shortDigest(name)
  return name === '' ? object.kind : name
}

/** The rows, newest first as they come. */
export function AuditRows({ records }: { records: readonly AuditRecord[] }) {
  return (
    <ul className="divide-y divide-line text-sm">
      {records.map((record) => {
        const Icon = ACTOR_ICON[record.actor.kind]
        return (
          <li key={record.sequence} className="flex items-center gap-3 px-4 py-2">
            <Icon size={15} className="shrink-0 text-faint" aria-hidden />
            <span className="w-28 shrink-0 truncate text-soft max-sm:hidden">{actorText(record.actor)}</span>
            <span className="min-w-0 flex-1 truncate">
              <span className="font-mono text-xs">{record.action}</span>
              <span className="ml-2 text-soft">{objectText(record)}</span>
            </span>
            {record.result !== 'ok' && <span className={cn('font-mono text-xs text-bad')}>{record.result}</span>}
            <span className="w-20 shrink-0 text-right text-xs text-soft">
              <Instant ms={record.atMs} />
            </span>
          </li>
        )
      })}
    </ul>
  )
}
