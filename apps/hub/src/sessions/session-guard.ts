/** Session guard: who a cookie speaks for. Asked at each request, so that a session ends with its key, or as soon as somebody ends it. */
import type { Caller } from '@skerry/core/people/access'
import type { BrowserHeaders } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { callerOf } from '../keys/key-ring.ts'
import { hashSecret } from '../keys/key-secret.ts'
import { lacksFactor } from '../keys/personal-keys.ts'
import { findUserSession, needsSecondFactor } from '../people/user-session-store.ts'
import { grantOf } from '../roles/role-store.ts'
import { isElsewhere, isSameOrigin } from './browser-headers.ts'
import { findSessionKey } from './session-store.ts'

export type SessionVerdict = { ok: true; caller: Caller } | { ok: false; code: SessionRefusal }

type SessionRefusal =
  | 'origin_refused'
  | 'session_ended'
  | 'second_factor_required'
  | 'organisation_disabled'
  | 'organisation_switched'

/** The caller behind the session. */
export async function verifySession(hub: Hub, browser: BrowserHeaders, sessionId: string): Promise<SessionVerdict> {
  if (!isSameOrigin(browser)) return { ok: false, code: 'origin_refused' }
  const nowMs = hub.clock.nowMs()
  const row = await findSessionKey(hub.store.db, hashSecret(sessionId), nowMs)
  if (!row) return verifyPerson(hub, browser, sessionId)
  if (isElsewhere(browser, row.organisation)) return { ok: false, code: 'organisation_switched' }
  const isGood = row.revoked_at_ms === null && (row.expires_at_ms ?? nowMs + 1) > nowMs
  if (isGood && row.disabled_at_ms != null) return { ok: false, code: 'organisation_disabled' }
  if (isGood && lacksFactor(row)) return { ok: false, code: 'second_factor_required' }
  return isGood ? { ok: true, caller: callerOf(row) } : { ok: false, code: 'session_ended' }
}

/** A person may do what the role that they have now grants, once they have the second factor that it asks for. */
async function verifyPerson(
  { store, clock }: Hub,
  browser: BrowserHeaders,
  sessionId: string,
): Promise<SessionVerdict> {
  const row = await findUserSession(store.db, sessionId, clock.nowMs())
  if (!row) return { ok: false, code: 'session_ended' }
  if (isElsewhere(browser, row.organisation)) return { ok: false, code: 'organisation_switched' }
  if (row.disabled_at_ms != null) return { ok: false, code: 'organisation_disabled' }
  if (needsSecondFactor(row)) return { ok: false, code: 'second_factor_required' }
  const { user_id: id, organisation_id: organisationId, organisation, name } = row
  const whose = { kind: 'user' as const, id, personId: id, organisationId, organisation, name }
  return { ok: true, caller: { ...whose, grants: [grantOf(row)] } }
}

/** Counts and throws. */
export function refuseSession({ metrics }: Hub, { code }: Extract<SessionVerdict, { ok: false }>): never {
  metrics.refusedCallers.inc({ code })
  throw problem(code)
}
