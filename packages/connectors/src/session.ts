/**
 * Session: one open connection to equipment. Each protocol's folder has a `session.ts` that opens one. A session knows
 * nothing of schedules, changes or permissions. A tag that cannot be read is a bad value. A connection that no longer
 * works is a `SourceTrouble`.
 */
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { Group } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import type { Reading } from './reading.ts'

export type SessionDeps = {
  clock: Clock
  random: () => number
  /** The secrets that the source names as `{ secret: NAME }`, by name. None of them is missing. */
  secrets: Readonly<Record<string, string>>
  /**
   * Resolves when the reader has taken all reported readings except `untaken`. A session that reports many readings in
   * a row must wait for it. Otherwise readings that nobody takes in time are lost.
   */
  room: (signal: AbortSignal, untaken?: number) => Promise<void>
  /**
   * The source's own folder, for data that it must not lose: certificates, the position in a file. It may not exist
   * yet.
   */
  stateFolder: string
}

export type OpenSession<Source> = (source: Source, deps: SessionDeps, signal: AbortSignal) => Promise<Session>

export type Session = AsyncDisposable & {
  /**
   * Reads all tags of the group, which may be a part of one of the source's groups. If the equipment answers requests,
   * these are its current values. Otherwise they are the last received values, if tags may be written. Throws
   * `SourceTrouble`.
   */
  read(group: Group, signal: AbortSignal): Promise<Reading>
  /** The equipment's times give the moment of a change: a current value may carry an old time. */
  hasTimesOfChange?: true
  /**
   * For equipment that sends values by itself: reports its values until the signal aborts. The group is then not read
   * at its rate. The session requests that rate from the equipment, if the protocol allows it. `skip` counts a round
   * that was left out because nobody took it in time. Throws `SourceTrouble`.
   */
  subscribe?(group: Group, tell: Tell, signal: AbortSignal, skip: () => void): Promise<never>
  /** Writes a value after the judge has allowed it. Throws `SourceTrouble`. */
  write(tag: string, value: TagContent, signal: AbortSignal): Promise<WriteOutcome>
  /**
   * Rejects with a `SourceTrouble` if the connection must be given up although no reading failed: a write was not
   * answered, and its answer may come late.
   */
  ended?: Promise<never>
  /**
   * Gives the work the connection alone, for protocols with one request at a time. No other request is sent between its
   * readings and its writes.
   */
  alone?<T>(work: (own: SessionAlone) => Promise<T>): Promise<T>
  /** Lists the entries under a path of the equipment's own tree. An empty path is the top. Throws `SourceTrouble`. */
  browse?(path: string, signal: AbortSignal): Promise<BrowseEntry[]>
}

export type SessionAlone = Pick<Session, 'read' | 'write'>

/** `places`: the reported places of the group, in rising order. All places if it is absent. */
export type Tell = (reading: Reading, places?: Uint32Array) => void

/**
 * The requests of a source, computed without a connection. `places` counts units of the protocol's address space for
 * one round of each group, with the unused ones that a request reads too.
 */
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

/** `source_refused`: the equipment is there, and denies access. */
export type BrowseAnswer = { ok: true; entries: BrowseEntry[] } | { ok: false; code: BrowseProblem; message: string }
export type BrowseProblem = 'browse_unknown' | 'browse_failed'

export type TroubleCode = 'source_unreachable' | 'source_silent' | 'source_lost' | 'source_refused'

/** The caller must give up the connection, and open a new one. */
export class SourceTrouble extends Error {
  override name = 'SourceTrouble'
  readonly code: TroubleCode

  constructor(code: TroubleCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
