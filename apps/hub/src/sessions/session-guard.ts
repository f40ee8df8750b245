/** Session guard: who a cookie speaks for. Asked at each request, so that a session ends with its key, at once. */
import type { OpenCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { callerOf, type KeyCaller } from '../keys/key-ring.ts'
import { hashSecret } from '../keys/key-secret.ts'
import { isSameOrigin } from './browser-headers.ts'
import { findSessionKey } from './session-store.ts'

/** The caller behind the session, or throws. */
export async function authenticateSession({ hub, browser }: OpenCall, sessionId: string): Promise<KeyCaller> {
  if (!isSameOrigin(browser)) {
    hub.metrics.refusedCallers.inc({ code: 'origin_refused' })
    throw problem('origin_refused')
  }
  const nowMs = hub.clock.nowMs()
  const row = await findSessionKey(hub.store.db, hashSecret(sessionId), nowMs)
  const isGood = row !== undefined && row.revoked_at_ms === null && (row.expires_at_ms ?? nowMs + 1) > nowMs
  if (isGood) return callerOf(row)
  hub.metrics.refusedCallers.inc({ code: 'session_ended' })
  throw problem('session_ended')
}
