/**
 * Session: one open connection to equipment. Each protocol's folder has a `session.ts` that opens one, and knows nothing of schedules, changes or
 * permissions. A tag that cannot be read is a bad value; a connection that is no good any more is a `SourceTrouble`.
 */
import type { Group } from '@skerry/contract/source'
import type { TagContent } from '@skerry/contract/tag'
import type { Clock } from '@skerry/platform/clock'
import type { Reading } from './reading.ts'

export type SessionDeps = { clock: Clock; random: () => number }

export type OpenSession<Source> = (source: Source, deps: SessionDeps, signal: AbortSignal) => Promise<Session>

export type Session = AsyncDisposable & {
  /** All tags of the group. Throws `SourceTrouble`. */
  read(group: Group, signal: AbortSignal): Promise<Reading>
  /** Writes what has been judged to be allowed. Throws `SourceTrouble`. */
  write(tag: string, value: TagContent, signal: AbortSignal): Promise<WriteOutcome>
}

/** What a source would ask for, found out without asking: `places` in what the protocol addresses, those that are thrown away included, of one round of each group. */
export type SourcePlan = { groups: GroupPlan[]; problems: { tag: string; message: string }[] }
export type GroupPlan = { group: string; requests: number; places: number }

export type WriteOutcome = { ok: true } | { ok: false; code: WriteProblem; message: string }
export type WriteProblem = 'tag_unknown' | 'tag_type' | 'tag_read_only' | 'write_refused' | 'write_unverified'

export type TroubleCode = 'source_unreachable' | 'source_silent' | 'source_lost'

/** The connection is to be given up, and opened anew. */
export class SourceTrouble extends Error {
  override name = 'SourceTrouble'
  readonly code: TroubleCode

  constructor(code: TroubleCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
