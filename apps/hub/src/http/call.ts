/** Call: what a handler is told about the request that it answers. */
import type { Actor } from '@skerry/contract/audit/audit'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { EntityTag, Precondition } from '@skerry/contract/values/entity-tag'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Caller } from '@skerry/core/people/access'
import type { Scope } from '@skerry/core/people/scope'
import type { Hub } from '../hub.ts'
import type { Tx } from '../store/store.ts'
import type { Prepared } from './body/prepared-body.ts'

/** Every request brings this. */
export type OpenCall = {
  hub: Hub
  requestId: string
  /** The address that the request came from. */
  source: string
  /** The Authorization header. */
  authorization: string | undefined
  /** What a session is known by: its cookie, and what a browser says of the page that asks. */
  browser: BrowserHeaders
  /** What the caller says of the state that it has seen. */
  precondition: Precondition
  /** Says with the answer which state it shows. */
  setTag(tag: EntityTag): void
  /** Sets a cookie with the answer. */
  setCookie(text: string): void
  /** Filled by the guard and the handlers: what the audit trail will say, whatever happens. */
  trail: Trail
  entry: Entry
}

/** What became known before the procedure ran: of a call with a body the caller is judged first, and a thread may read the body. */
export type Entry = {
  /** Whether the call counts in its organisation's quota already. */
  isCounted: boolean
  /** The error that the call ends with, whatever its input. */
  refusal: { error: unknown } | undefined
  prepared: Prepared
}

export type BrowserHeaders = {
  cookie: string | undefined
  /** What the browser calls itself. */
  name: string | undefined
  host: string | undefined
  origin: string | undefined
  /** [Fetch Metadata] Whose page asks, in the words of the browser. */
  fetchSite: string | undefined
  /** The header that only the hub's own pages can send. */
  mark: string | undefined
  /** The organisation whose data the page shows, by name, where it says so. */
  organisation: string | undefined
}

/** What is known so far about a call that the audit trail must tell of. */
export type Trail = {
  organisationId: OrganisationId | undefined
  actor: Actor
  isRecorded: boolean
}

/** A change's own words in the audit trail; a handler may correct and extend them. */
export type AuditNote = {
  object: { kind: string; id: string }
  detail: Record<string, unknown>
  /** Another than `ok` where something was tried outside of the hub, and came to nothing: the code that the caller is told. */
  result?: ErrorCode | 'ok'
}

/**
 * Runs the work in one transaction together with its audit record, and returns when both are on the disk. Where the caller has seen another
 * state of the object than it is in, nothing is run. Every procedure that is not
 * read-only does its change through this, exactly once; the guard refuses an answer that left no record.
 */
export type Change = <T>(work: (tx: Tx, note: AuditNote) => Promise<T>) => Promise<T>

/** A procedure that needs a caller. */
export type KeyCall = OpenCall & {
  caller: Caller
  organisationId: OrganisationId
  /** Where the caller's permission counts; everywhere where undefined. The guard has looked; lists leave out what lies outside. */
  scope: Scope | undefined
  change: Change
  /** Whether the caller would still be let in: asked again and again by what stays open for long. */
  isStillGood(): Promise<boolean>
}

/** The procedure that needs no key and changes something: joining. The handler says whose audit trail it belongs to. */
export type PublicCall = OpenCall
