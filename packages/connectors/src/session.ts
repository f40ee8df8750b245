/**
 * Session: one open connection to equipment. Each protocol's folder has a `session.ts` that opens one, and knows nothing of schedules, changes or
 * permissions. A tag that cannot be read is a bad value; a connection that is no good any more is a `SourceTrouble`.
 */
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { Group } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import type { Reading } from './reading.ts'

export type SessionDeps = {
  clock: Clock
  random: () => number
  /** What the source names as `{ secret: NAME }`, by name: all that it names is there. */
  secrets: Readonly<Record<string, string>>
  /**
   * Resolves when what was told has been taken, but for `untaken` readings where that is said. Who tells many readings one after the other waits for it:
   * without, those that nobody takes in time are lost.
   */
  room: (signal: AbortSignal, untaken?: number) => Promise<void>
  /** The source's own, for what it must not lose: certificates, how far a file was read. May not exist yet. */
  stateFolder: string
}

export type OpenSession<Source> = (source: Source, deps: SessionDeps, signal: AbortSignal) => Promise<Session>

export type Session = AsyncDisposable & {
  /**
   * All tags of the group, which may be a part of one of the source's. Of equipment that can be asked, what it says now; else what was heard last, where
   * tags may be written. Throws `SourceTrouble`.
   */
  read(group: Group, signal: AbortSignal): Promise<Reading>
  /** The equipment's own times say when a value changed: what it says now may bear an old one. */
  hasTimesOfChange?: true
  /**
   * Where the equipment speaks by itself: tells what it says, until aborted. The group is not read at its rate then; the rate is what the equipment is
   * asked for, where it can be. `skip` counts a round that was left out, as nobody took it in time. Throws `SourceTrouble`.
   */
  subscribe?(group: Group, tell: Tell, signal: AbortSignal, skip: () => void): Promise<never>
  /** Writes what has been judged to be allowed. Throws `SourceTrouble`. */
  write(tag: string, value: TagContent, signal: AbortSignal): Promise<WriteOutcome>
  /** Rejects with a `SourceTrouble` where the connection is to be given up although no reading broke: a write was not answered, and its answer may come late. */
  ended?: Promise<never>
  /** Has the connection for itself meanwhile, where one request waits for another: nothing goes between what it reads and what it writes. */
  alone?<T>(work: (own: SessionAlone) => Promise<T>): Promise<T>
  /** What lies under a place of the equipment's own tree; its top where the path is empty. Throws `SourceTrouble`. */
  browse?(path: string, signal: AbortSignal): Promise<BrowseEntry[]>
}

export type SessionAlone = Pick<Session, 'read' | 'write'>

/** `places` of the group that it tells of, rising; all of them where absent. */
export type Tell = (reading: Reading, places?: Uint32Array) => void

/** What a source would ask for, found out without asking: `places` in what the protocol addresses, those that are thrown away included, of one round of each group. */
export type SourcePlan = { groups: GroupPlan[]; problems: { tag: string; message: string }[] }
export type GroupPlan = { group: string; requests: number; places: number }

export type WriteOutcome = { ok: true } | { ok: false; code: WriteProblem; message: string }
export type WriteProblem =
  | 'tag_unknown'
  | 'tag_type'
  | 'tag_read_only'
  | 'tag_interlocked'
  | 'write_refused'
  | 'write_unverified'

/** `source_refused`: it is there, and does not let us in. */
export type BrowseAnswer = { ok: true; entries: BrowseEntry[] } | { ok: false; code: BrowseProblem; message: string }
export type BrowseProblem = 'browse_unknown' | 'browse_failed'

export type TroubleCode = 'source_unreachable' | 'source_silent' | 'source_lost' | 'source_refused'

/** The connection is to be given up, and opened anew. */
export class SourceTrouble extends Error {
  override name = 'SourceTrouble'
  readonly code: TroubleCode

  constructor(code: TroubleCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
