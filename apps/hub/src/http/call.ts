/** Call: the information that a handler gets about its request. */
import type { Actor } from '@skerry/contract/audit/audit'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { EntityTag, Precondition } from '@skerry/contract/values/entity-tag'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Caller } from '@skerry/core/people/access'
import type { Scope } from '@skerry/core/people/scope'
import type { Hub } from '../hub.ts'
import type { Tx } from '../store/store.ts'
import type { Prepared } from './body/prepared-body.ts'

/** Every request has these fields. */
export type OpenCall = {
  hub: Hub
  requestId: string
  /** The IP address of the client. */
  source: string
  authorization: string | undefined
  /** The identity of a session: its cookie, and the browser's headers about the requesting page. */
  browser: BrowserHeaders
  /** The state that the caller has seen, from its request headers. */
  precondition: Precondition
  /** Adds the tag of the shown state to the answer. */
  setTag(tag: EntityTag): void
  /** Sets a cookie with the answer. */
  setCookie(text: string): void
  /** Filled by the guard and the handlers: the content of the audit record, in case of success or failure. */
  trail: Trail
  entry: Entry
  /** The cause of a call that the hub makes itself: the audit record of each change names it. */
  cause?: Readonly<Record<string, string>>
}

/**
 * Facts that are known before the procedure runs. For a call with a body, the caller is judged first, and a thread may
 * read the body.
 */
export type Entry = {
  /** Whether the call already counts in its organisation's quota. */
  isCounted: boolean
  /** The error with which the call ends, regardless of its input. */
  refusal: { error: unknown } | undefined
  prepared: Prepared
}

export type BrowserHeaders = {
  cookie: string | undefined
  /** The user agent that the browser sends. */
  name: string | undefined
  host: string | undefined
  origin: string | undefined
  /** [Fetch Metadata] The site of the requesting page, as the browser reports it. */
  fetchSite: string | undefined
  /** The header that only the hub's own pages can send. */
  mark: string | undefined
  /** The name of the organisation whose data the page shows, if the page sends it. */
  organisation: string | undefined
}

/** The known facts about a call for its audit record. */
export type Trail = {
  organisationId: OrganisationId | undefined
  actor: Actor
  isRecorded: boolean
}

/** The change's own details in the audit trail; a handler may correct and extend them. */
export type AuditNote = {
  object: { kind: string; id: string }
  detail: Record<string, unknown>
  /** Differs from `ok` if an action outside of the hub was tried and failed. It is the error code for the caller. */
  result?: ErrorCode | 'ok'
}

/**
 * Runs the work in one transaction together with its audit record, and returns when both are on the disk. If the caller
 * has seen another state of the object than the present one, the work does not run. Every procedure that is not
 * read-only makes its change through this, exactly once. The guard rejects an answer that left no record.
 */
export type Change = <T>(work: (tx: Tx, note: AuditNote) => Promise<T>) => Promise<T>

/** The context of a procedure that needs a caller. */
export type KeyCall = OpenCall & {
  caller: Caller
  organisationId: OrganisationId
  /**
   * The scope of the caller's permission; everywhere if undefined. The guard has checked it. Lists leave out objects
   * outside it.
   */
  scope: Scope | undefined
  change: Change
  /** Whether the caller may still call. A long-lived stream checks it repeatedly. */
  isStillGood(): Promise<boolean>
}

/**
 * The context of a public procedure that changes something: joining. The handler sets the organisation of the audit
 * record.
 */
export type PublicCall = OpenCall
