/** Procedures on sessions. */
import { actorOf } from '@skerry/core/people/access'
import { appendAudit } from '../audit/audit-store.ts'
import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import type { OpenCall } from '../http/call.ts'
import { openOs } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { callerOf, type KeyCaller } from '../keys/key-ring.ts'
import { hashSecret, presentedKey } from '../keys/key-secret.ts'
import { personOf, recordAccount, tellRecorded } from '../people/account-change.ts'
import { endUserSession } from '../people/user-session-store.ts'
import type { Tx } from '../store/store.ts'
import { isSameOrigin } from './browser-headers.ts'
import { endedCookie, sessionCookie, sessionIdOf } from './session-cookie.ts'
import { SESSION_LIFE_MS } from './session-life.ts'
import { deleteSession, findSessionKey, insertSession } from './session-store.ts'

export const sessionHandlers = {
  create: openOs.session.create.handler(async ({ context, input }) => {
    const { hub, source, browser, setCookie } = context
    // Else a foreign page could sign a person in as somebody else, who would then see what that person does.
    if (!isSameOrigin(browser)) throw problem('origin_refused')
    const verdict = await hub.keys.verify(input.key)
    if (!verdict.ok) {
      refuseGuesser(hub, { source, identity: presentedKey(input.key) }, verdict.code)
      throw problem(verdict.code)
    }
    const { caller } = verdict
    const id = hub.ids.secret()
    const nowMs = hub.clock.nowMs()
    const expiresAtMs = nowMs + SESSION_LIFE_MS
    await record(context, caller, 'session.create', { expiresAtMs }, (tx) =>
      insertSession(tx, {
        id_hash: hashSecret(id),
        organisation_id: caller.organisationId,
        key_id: caller.id,
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
    const { hub, browser } = context
    if (!isSameOrigin(browser)) throw problem('origin_refused')
    const key = await findSessionKey(hub.store.db, hashSecret(id), hub.clock.nowMs())
    if (key) await record(context, callerOf(key), 'session.end', {}, (tx) => deleteSession(tx, hashSecret(id)))
    else await endOwnSession(context)
    context.setCookie(endedCookie())
    return {}
  }),
}

/** Signs the person out here. */
async function endOwnSession(context: OpenCall): Promise<void> {
  const who = await personOf(context)
  await context.hub.store.transaction(async (tx) => {
    await endUserSession(tx, { userId: who.user_id }, who.id)
    await recordAccount(context, tx, who, { action: 'session.end', detail: { session: who.id } })
  })
  tellRecorded(context)
}

/** The change and its record in one transaction. The session is named by its key: its own name would be a secret. */
async function record(
  { hub, source, trail }: OpenCall,
  caller: KeyCaller,
  action: string,
  detail: { expiresAtMs?: number },
  work: (tx: Tx) => Promise<void>,
): Promise<void> {
  const { organisationId, id, name } = caller
  trail.organisationId = organisationId
  trail.actor = actorOf(caller)
  await hub.store.transaction(async (tx) => {
    await work(tx)
    const object = { kind: 'key', id }
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
