/** Account change: what a person does to the own account, each with its record in the organisation's trail. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { appendAudit } from '../audit/audit-store.ts'
import type { OpenCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { hashSecret } from '../keys/key-secret.ts'
import { isElsewhere, isSameOrigin } from '../sessions/browser-headers.ts'
import { sessionCookie, sessionIdOf } from '../sessions/session-cookie.ts'
import { SESSION_LIFE_MS } from '../sessions/session-life.ts'
import type { Tx } from '../store/store.ts'
import { browserCookie, browserSecretOf, rememberPlaces } from './factors/known-place.ts'
import type { PeopleAuth } from './people-auth.ts'
import type { Membership } from './people-store.ts'
import { findUserSession, isBound, type SignedIn, tidyUserSessions } from './user-session-store.ts'

/** Whoever is signed in, as a person: also somebody who still has to set up a second factor. The page is of the session's organisation. */
export async function personOf(call: OpenCall): Promise<SignedIn> {
  const who = await signedInOf(call)
  if (isElsewhere(call.browser, who.organisation)) throw problem('organisation_switched')
  return who
}

/** The same, whichever organisation the page is of: asked only where it does not matter, as for a switch. */
export async function signedInOf({ hub, browser, authorization, trail }: OpenCall): Promise<SignedIn> {
  const secret = sessionIdOf(browser.cookie)
  if (authorization !== undefined) throw problem('account_missing')
  if (secret === undefined) throw problem('key_missing')
  if (!isSameOrigin(browser)) throw problem('origin_refused')
  const signedIn = await findUserSession(hub.store.db, secret, hub.clock.nowMs())
  if (!signedIn) {
    const isKeys = await hub.store.db
      .selectFrom('sessions')
      .select('id_hash')
      .where('id_hash', '=', hashSecret(secret))
      .executeTakeFirst()
    throw problem(isKeys ? 'account_missing' : 'session_ended')
  }
  if (signedIn.disabled_at_ms != null) throw problem('organisation_disabled')
  trail.organisationId = signedIn.organisation_id
  trail.actor = { kind: 'user', id: signedIn.user_id, name: signedIn.name }
  return signedIn
}

/** Long enough to fetch a key ring. A session that was stolen, or left open, must not become a way in that lasts. */
const FRESH_MS = 900_000

/** Somebody who has signed in just now: asked before another way to sign in comes to be. */
export async function freshPersonOf(call: OpenCall): Promise<SignedIn> {
  const who = await personOf(call)
  if (Date.parse(who.created_at) + FRESH_MS <= call.hub.clock.nowMs()) throw problem('session_stale')
  return who
}

type Whose = Pick<SignedIn, 'user_id' | 'organisation_id' | 'name'>

/** Writes what was done beside it. */
export async function recordAccount(
  { hub, source, trail }: OpenCall,
  tx: Tx,
  { user_id, organisation_id, name }: Whose,
  { action, detail = {} }: { action: string; detail?: AuditRecord['detail'] },
): Promise<void> {
  trail.organisationId = organisation_id
  trail.actor = { kind: 'user', id: user_id, name }
  await appendAudit(tx, {
    organisationId: organisation_id,
    atMs: hub.clock.nowMs(),
    actor: trail.actor,
    action,
    source,
    detail,
    object: { kind: 'user', id: user_id },
    result: 'ok',
  })
  trail.isRecorded = true
}

/** Tells those who watch the trail, once it is kept. */
export function tellRecorded({ hub, trail }: OpenCall): void {
  if (trail.isRecorded && trail.organisationId) hub.bus.publish('audit.appended', trail.organisationId)
}

type NewSession = {
  auth: PeopleAuth
  secret: string
  expiresAtMs: number
  /** What tells the browser from others from now on. */
  browser: string
}

/** What a new session needs, made before its transaction. Always another secret: what a browser brought along counts for nothing. */
export async function prepareSession({ hub, browser }: OpenCall): Promise<NewSession> {
  const auth = await hub.people.auth()
  const known = browserSecretOf(browser.cookie) ?? hub.ids.secret()
  return { auth, secret: hub.ids.secret(), expiresAtMs: hub.clock.nowMs() + SESSION_LIFE_MS, browser: known }
}

/** How somebody has proved to be the person. */
export type How = { method: string; isMultiFactor: boolean }

type Beginning = {
  membership: Pick<Membership, 'organisation_id'>
  session: NewSession
  action: string
  how: How
}

/** [RFC 9110 10.1.5] As long as browsers ever call themselves. */
const BROWSER_CHARACTERS_MAX = 200

/** Signs the person in, and out of the session that this browser had. */
export async function beginSession(
  call: OpenCall,
  tx: Tx,
  person: Pick<Whose, 'user_id' | 'name'>,
  { membership, session, action, how }: Beginning,
): Promise<void> {
  const { hub, browser, source } = call
  const { organisation_id } = membership
  const nowMs = hub.clock.nowMs()
  const former = sessionIdOf(browser.cookie)
  if (former !== undefined) await tx.deleteFrom('user_sessions').where('token', '=', hashSecret(former)).execute()
  await tidyUserSessions(tx, { userId: person.user_id, organisationId: organisation_id, method: how.method }, nowMs)
  // The provider's operator can sign in as the person at any time, and must neither wipe the count of wrong passwords nor push places out.
  if (!isBound(how)) await rememberPlaces(tx, { userId: person.user_id, secret: session.browser, source, nowMs })
  const row = {
    token: hashSecret(session.secret),
    organisationId: organisation_id,
    ipAddress: source,
    userAgent: (browser.name ?? '').slice(0, BROWSER_CHARACTERS_MAX),
    method: how.method,
    isMultiFactor: how.isMultiFactor ? 1 : 0,
    createdAt: new Date(nowMs),
    updatedAt: new Date(nowMs),
    expiresAt: new Date(session.expiresAtMs),
  }
  const made = await session.auth.within(tx, (records) => records.createSession(person.user_id, false, row, true))
  const detail = { session: made.id, expiresAtMs: session.expiresAtMs, ...how }
  await recordAccount(call, tx, { ...person, organisation_id }, { action, detail })
}

/** Gives the browser its cookies, once the session is kept. */
export function giveCookie(call: OpenCall, { secret, expiresAtMs, browser }: NewSession): { expiresAtMs: number } {
  call.setCookie(sessionCookie(secret, SESSION_LIFE_MS))
  call.setCookie(browserCookie(browser))
  tellRecorded(call)
  return { expiresAtMs }
}
