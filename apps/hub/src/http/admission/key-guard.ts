/**
 * Guard: checks the caller, its permission and its organisation, for every procedure that is not public. No other place
 * does.
 */
import type { Access } from '@skerry/contract/api/procedure'
import { OPERATORS } from '@skerry/contract/people/organisation'
import { OperatorPermission } from '@skerry/contract/people/permissions'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type AccessVerdict, actorOf, type Caller, type Grant, judgeAccess } from '@skerry/core/people/access'
import type { Scope } from '@skerry/core/people/scope'
import { Held, holdCall, withSecondPerson } from '../../approvals/second-person.ts'
import { appendAudit } from '../../audit/audit-store.ts'
import { expandSelector } from '../../groups/group-store.ts'
import type { KeyVerdict } from '../../keys/key-ring.ts'
import { presentedKey } from '../../keys/key-secret.ts'
import { requireScope, storedScope } from '../../scopes/scope-guard.ts'
import { sessionIdOf } from '../../sessions/session-cookie.ts'
import { refuseSession, type SessionVerdict, verifySession } from '../../sessions/session-guard.ts'
import type { Tx } from '../../store/store.ts'
import type { AuditNote, Change, KeyCall, OpenCall } from '../call.ts'
import { type Called, objectOf } from '../called.ts'
import { requireState } from '../precondition.ts'
import { problem, throwProblem } from '../problem.ts'
import { refuseGuesser } from './caller-limiter.ts'

/** Admits the caller, or throws. The input has not been parsed yet, so unauthorised callers learn nothing about it. */
export async function admitKey(call: OpenCall, called: Called): Promise<Omit<KeyCall, keyof OpenCall>> {
  if (call.entry.refusal) throw call.entry.refusal.error
  const { caller, access, allowed } = await admitCaller(call, called)
  const isStillGood = async () => {
    const again = await authenticate(call)
    // A session that has switched to another organisation must begin again there.
    if (!again.ok || again.caller.organisationId !== caller.organisationId) return false
    const verdict = judge(again.caller, access)
    return verdict.ok && verdict.scope === allowed.scope
  }
  const { organisationId } = caller
  const scope = allowed.scope === undefined ? undefined : await scopeOf(call, organisationId, allowed.scope)
  const { inScope } = call.hub.nouns
  if (scope) await requireScope({ db: call.hub.store.db, organisationId, scope, inScope }, called)
  return { caller, organisationId, scope, change: changeOf({ call, called, caller, scope }), isStillGood }
}

/** A scope names groups as people wrote them. Each request reads their present selectors. */
const scopeOf = async ({ hub }: OpenCall, organisationId: OrganisationId, text: string): Promise<Scope> => ({
  ...storedScope(await expandSelector(hub.store.db, organisationId, text)),
  text,
})

/**
 * Checks whether the caller may call this procedure at all; throws if not. It does not read the input: for a call with
 * a body it runs before the body is read.
 */
export async function admitCaller(call: OpenCall, { path, meta: { access } }: Pick<Called, 'path' | 'meta'>) {
  const verdict = await authenticate(call)
  if (!verdict.ok) return refuseCaller(call, verdict)
  const { caller } = verdict
  call.trail.organisationId = caller.organisationId
  call.trail.actor = actorOf(caller)
  if (!call.entry.isCounted) await call.hub.requestQuota.take(caller.organisationId)
  call.entry.isCounted = true
  if (access === 'public') throw new Error(`${path.join('.')} is public, and implemented as if it were not`)
  const allowed = judge(caller, access)
  return allowed.ok ? { caller, access, allowed } : throwProblem(allowed)
}

/** Only callers of the operators' organisation manage organisations, regardless of a role elsewhere. */
function judge(caller: Caller, access: Exclude<Access, 'public'>): AccessVerdict {
  if (!OperatorPermission.safeParse(access).success || caller.organisation === OPERATORS)
    return judgeAccess(caller, access)
  const without = (grant: Grant): Grant => ({
    ...grant,
    permissions: grant.permissions.filter((each) => each !== access),
  })
  return judgeAccess({ ...caller, grants: caller.grants.map(without) }, access)
}

type CallerVerdict = { ok: true; caller: Caller } | Extract<KeyVerdict | SessionVerdict, { ok: false }> | KeyMissing
type KeyMissing = { ok: false; code: 'key_missing' }

/** The caller, by key or by session. This only looks it up; the code that answers counts a rejection. */
async function authenticate({ hub, authorization, browser }: OpenCall): Promise<CallerVerdict> {
  const sessionId = sessionIdOf(browser.cookie)
  if (authorization === undefined && sessionId !== undefined) return verifySession(hub, browser, sessionId)
  const text = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
  return text === undefined ? { ok: false, code: 'key_missing' } : hub.keys.verify(text)
}

function refuseCaller(
  { hub, source, authorization = '' }: OpenCall,
  verdict: Extract<CallerVerdict, { ok: false }>,
): never {
  if (verdict.code === 'key_missing') {
    hub.metrics.refusedCallers.inc({ code: verdict.code })
    throw problem(verdict.code)
  }
  if (verdict.code !== 'key_invalid') return refuseSession(hub, verdict)
  const identity = presentedKey(authorization.replace(/^Bearer /i, ''))
  refuseGuesser(hub, { source, identity }, verdict.code)
  if (verdict.owner) {
    const { organisationId, keyId, name } = verdict.owner
    hub.auditLimiter.count(organisationId, { kind: 'key', id: keyId, name })
  }
  throw problem(verdict.code)
}

type Changing = { call: OpenCall; called: Called; caller: Caller; scope: Scope | undefined }

function changeOf(changing: Changing): Change {
  const { hub, trail } = changing.call
  return async (work) => {
    const result = await hub.store
      .transaction((tx) => changeIn(tx, changing, work))
      .catch((error: unknown) => {
        if (error instanceof Held) return holdCall(changing, error)
        throw error
      })
    trail.isRecorded = true
    if (trail.organisationId) hub.bus.publish('audit.appended', trail.organisationId)
    return result
  }
}

async function changeIn<T>(tx: Tx, changing: Changing, work: (tx: Tx, note: AuditNote) => Promise<T>): Promise<T> {
  const { call, called, caller, scope } = changing
  const { hub, source, trail } = call
  const { path, route, input } = called
  const { organisationId } = caller
  // Checked again in the transaction of the change, so that nothing can change in between.
  await requireState(call, called, tx)
  if (scope) await requireScope({ db: tx, organisationId, scope, inScope: hub.nouns.inScope }, called)
  const note = { object: objectOf(path, route, input), detail: {}, result: 'ok' as const }
  const done = await withSecondPerson(tx, changing, note, () => work(tx, note))
  await appendAudit(tx, {
    organisationId,
    atMs: hub.clock.nowMs(),
    actor: trail.actor,
    action: path.join('.'),
    source,
    ...note,
    ...(call.cause && { detail: { ...note.detail, ...call.cause } }),
  })
  return done
}
