/** Procedures on sessions. */
import { appendAudit } from '../audit/audit-store.ts'
import type { OpenCall } from '../http/call.ts'
import { refuseGuesser } from '../http/caller-limiter.ts'
import { openOs } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { KeyCaller } from '../keys/key-ring.ts'
import { hashSecret } from '../keys/key-secret.ts'
import type { Tx } from '../store/store.ts'
import { isSameOrigin } from './browser-headers.ts'
import { endedCookie, sessionCookie, sessionIdOf } from './session-cookie.ts'
import { authenticateSession } from './session-guard.ts'
import { deleteSession, insertSession } from './session-store.ts'

/** A working day: whoever sits down in the morning signs in once, and a browser that was left open is signed out by the next. */
export const SESSION_LIFE_MS = 12 * 60 * 60 * 1_000

export const sessionHandlers = {
  create: openOs.session.create.handler(async ({ context, input }) => {
    const { hub, source, browser, setCookie } = context
    // Else a foreign page could sign a person in as somebody else, who would then see what that person does.
    if (!isSameOrigin(browser)) throw problem('origin_refused')
    const verdict = await hub.keys.verify(input.key)
    if (!verdict.ok) {
      refuseGuesser(hub, source, verdict.code)
      throw problem(verdict.code)
    }
    const { caller } = verdict
    const [id, nowMs] = [hub.ids.secret(), hub.clock.nowMs()]
    const expiresAtMs = nowMs + SESSION_LIFE_MS
    await record(context, caller, 'session.create', { expiresAtMs }, (tx) =>
      insertSession(tx, {
        id_hash: hashSecret(id),
        organisation_id: caller.organisationId,
        key_id: caller.keyId,
        created_at_ms: nowMs,
        expires_at_ms: expiresAtMs,
      }),
    )
    setCookie(sessionCookie(id, SESSION_LIFE_MS))
    return { expiresAtMs }
  }),
  end: openOs.session.end.handler(async ({ context }) => {
    const id = sessionIdOf(context.browser.cookie)
    if (id === undefined) return {}
    const caller = await authenticateSession(context, id)
    await record(context, caller, 'session.end', {}, (tx) => deleteSession(tx, hashSecret(id)))
    context.setCookie(endedCookie())
    return {}
  }),
}

/** The change and its record in one transaction. The session is named by its key: its own name would be a secret. */
async function record(
  { hub, source, trail }: OpenCall,
  { organisationId, keyId, name }: KeyCaller,
  action: string,
  detail: { expiresAtMs?: number },
  work: (tx: Tx) => Promise<void>,
): Promise<void> {
  trail.organisationId = organisationId
  trail.actor = { kind: 'key', id: keyId, name }
  await hub.store.transaction(async (tx) => {
    await work(tx)
    const object = { kind: 'key', id: keyId }
    const atMs = hub.clock.nowMs()
    await appendAudit(tx, {
      organisationId,
      atMs,
      actor: trail.actor,
      action,
      object,
      source,
      result: 'ok',
      detail: { name, ...detail },
    })
  })
  trail.isRecorded = true
  hub.bus.publish('audit.appended', organisationId)
}
