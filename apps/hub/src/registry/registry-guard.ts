/** Registry guard: admits the caller of a request to the registry, by the same keys and roles as the API. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { admitKey } from '../http/admission/key-guard.ts'
import type { KeyCall, OpenCall } from '../http/call.ts'
import type { Hub } from '../hub.ts'

/** A pull reads as a download of the API does, and a push writes as a push of a version does. */
const PERMISSIONS = { pull: 'model.read', push: 'model.write' } as const

export type RegistryCall = Pick<KeyCall, 'hub' | 'organisationId' | 'trail' | 'source' | 'change'>

/** `action` is the name of the audit record of a change. */
export type RegistryNeed = { right: keyof typeof PERMISSIONS; action: 'push' | 'remove' | 'read' }

/** Admits the caller, or throws as the API does. */
export async function admitToRegistry(
  hub: Hub,
  request: FastifyRequest,
  reply: FastifyReply,
  { right, action }: RegistryNeed,
): Promise<RegistryCall> {
  const call = callOf(hub, request, reply)
  const meta = { access: PERMISSIONS[right], scope: 'whole', approval: 'none', isReadOnly: right === 'pull' } as const
  const called = { path: ['image', action], meta, route: undefined, input: {} }
  const { organisationId, change } = await admitKey(call, called)
  return { hub, organisationId, change, trail: call.trail, source: call.source }
}

/** No session counts here: a page of a browser has no business on this port. */
function callOf(hub: Hub, request: FastifyRequest, reply: FastifyReply): OpenCall {
  const none = undefined
  return {
    hub,
    requestId: request.id,
    source: request.ip,
    authorization: bearerOf(request.headers.authorization),
    browser: { cookie: none, name: none, host: none, origin: none, fetchSite: none, mark: none, organisation: none },
    precondition: { ifMatch: undefined, ifNoneMatch: undefined },
    setTag: (tag) => void reply.header('etag', tag),
    setCookie: () => undefined,
    trail: { organisationId: undefined, actor: { kind: 'anonymous', id: '', name: '' }, isRecorded: false },
    entry: { isCounted: false, refusal: undefined, prepared: {} },
  }
}

/** The password of Basic is an API key; the user name has no meaning. A bearer of a key is accepted, too. */
function bearerOf(authorization: string | undefined): string | undefined {
  const [, basic] = /^Basic ([A-Za-z0-9+/=_-]{1,1024})$/i.exec(authorization ?? '') ?? []
  if (basic === undefined) return authorization
  const text = Buffer.from(basic, 'base64').toString('utf8')
  const secret = text.slice(text.indexOf(':') + 1)
  return `Bearer ${secret.replace(/\s/g, '') || 'none'}`
}
