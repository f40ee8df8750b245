/** Key guard: the one place that checks key, permission and organisation, for every procedure that is not public. */
import type { ProcedureMeta } from '@skerry/contract/api/procedure'
import { permissionsOf } from '@skerry/contract/permissions'
import { appendAudit } from '../audit/audit-store.ts'
import type { KeyCaller } from '../keys/key-ring.ts'
import { sessionIdOf } from '../sessions/session-cookie.ts'
import { authenticateSession } from '../sessions/session-guard.ts'
import type { Change, KeyCall, OpenCall } from './call.ts'
import { refuseGuesser } from './caller-limiter.ts'
import { problem } from './problem.ts'

/** The procedure that is called, as far as the guard cares. */
export type Called = { path: readonly string[]; meta: ProcedureMeta; route: string | undefined; input: unknown }

/** Lets the caller in, or throws. The input has not been parsed yet, so strangers learn nothing about it. */
export async function admitKey(call: OpenCall, called: Called): Promise<Omit<KeyCall, keyof OpenCall>> {
  const { path, meta } = called
  const caller = await authenticate(call)
  call.trail.organisationId = caller.organisationId
  call.trail.actor = { kind: 'key', id: caller.keyId, name: caller.name }
  if (meta.access === 'public') throw new Error(`${path.join('.')} is public, and implemented as if it were not`)
  if (!permissionsOf[caller.role].includes(meta.access)) {
    throw problem('permission_denied', `the key ${caller.name} is a ${caller.role}'s; this needs ${meta.access}`)
  }
  return { caller, organisationId: caller.organisationId, change: changeOf(call, called) }
}

async function authenticate(call: OpenCall): Promise<KeyCaller> {
  const { hub, authorization, browser, source } = call
  const sessionId = sessionIdOf(browser.cookie)
  if (authorization === undefined && sessionId !== undefined) return authenticateSession(call, sessionId)
  const text = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
  if (text === undefined) {
    hub.metrics.refusedCallers.inc({ code: 'key_missing' })
    throw problem('key_missing')
  }
  const verdict = await hub.keys.verify(text)
  if (verdict.ok) return verdict.caller
  refuseGuesser(hub, source, verdict.code)
  if (verdict.owner) {
    const { organisationId, keyId, name } = verdict.owner
    hub.auditLimiter.count(organisationId, { kind: 'key', id: keyId, name })
  }
  throw problem(verdict.code)
}

function changeOf({ hub, source, trail }: OpenCall, { path, route, input }: Called): Change {
  return async (work) => {
    const result = await hub.store.transaction(async (tx) => {
      const note = { object: objectOf(path, route, input), detail: {} }
      const done = await work(tx, note)
      const organisationId = trail.organisationId
      if (!organisationId) throw new Error('a change without an organisation')
      const atMs = hub.clock.nowMs()
      await appendAudit(tx, {
        organisationId,
        atMs,
        actor: trail.actor,
        action: path.join('.'),
        source,
        result: 'ok',
        ...note,
      })
      return done
    })
    trail.isRecorded = true
    if (trail.organisationId) hub.bus.publish('audit.appended', trail.organisationId)
    return result
  }
}

/** What a refused call was about, as far as its path says: the noun, and what stands for the path's parameters. */
export function objectOf(path: readonly string[], route: string | undefined, input: unknown) {
  const names = [...(route ?? '').matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name)
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  const id = names.map((name) => String(values.get(name) ?? '')).join('/')
  // 128 characters is what a record holds; what was sent may be anything.
  return { kind: path[0] ?? '', id: id.slice(0, 128) }
}
