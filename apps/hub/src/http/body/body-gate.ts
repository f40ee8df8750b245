/**
 * Body gate: decides on a request before a byte of its body is read. The body is not read for an unknown path, or for a
 * caller that may not call the procedure. Each procedure has a limit for its body. A large body needs reserved room,
 * and a thread parses it.
 */
import { StandardOpenAPIMatcher } from '@orpc/openapi/standard'
import type { ProcedureMeta } from '@skerry/contract/api/procedure'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ByteLease } from '../../commands/byte-budget.ts'
import { hangUp } from '../../commands/command-bytes.ts'
import type { Hub } from '../../hub.ts'
import { admitCaller } from '../admission/key-guard.ts'
import type { OpenCall } from '../call.ts'
import { problem } from '../problem.ts'
import { router } from '../router.ts'
import { bodyMaxOf, INLINE_BYTES_MAX, INLINE_VALUES_MAX, PUBLIC_VALUES_MAX } from './body-limits.ts'
import { ended, readBody } from './body-read.ts'
import { measureJson, parseJson } from './json-text.ts'
import type { BodyResult } from './prepared-body.ts'

/** The decision about a request. */
type Passage = {
  call: OpenCall
  reply: FastifyReply
  path: readonly string[]
  params: Readonly<Record<string, string>>
  bytesMax: number
  /** Undefined for a public procedure, whose caller has no share of the memory. */
  organisationId: OrganisationId | undefined
}

export type BodyGate = {
  /** A hook before the body. Returns the call if the request is rejected and can be answered now. */
  enter(request: FastifyRequest, reply: FastifyReply): Promise<OpenCall | undefined>
  /** Reads and parses the body of an admitted request. */
  read(request: FastifyRequest): Promise<unknown>
  /** The context of a request's call. */
  callOf(request: FastifyRequest, reply: FastifyReply): OpenCall
}

type CallOf = BodyGate['callOf']

/** Finds procedures in the same table as the router. */
export function createBodyGate(hub: Hub, newCall: CallOf): BodyGate {
  const matcher = new StandardOpenAPIMatcher()
  matcher.init(router)
  const passages = new WeakMap<FastifyRequest, Passage>()
  return {
    async enter(request, reply) {
      const match = await matcher.match(request.method, pathOf(request))
      if (!match) throw problem('route_unknown')
      if (!hasBody(request)) return undefined
      const call = newCall(request, reply)
      const { path, params = {} } = match
      const { meta } = match.procedure['~orpc'] as { meta: ProcedureMeta }
      const admitted = await admit(call, { path, meta })
      if (!admitted) return call
      const bytesMax = bodyMaxOf(path.join('.'), meta.access)
      if (lengthOf(request, bytesMax) > bytesMax) throw problem('body_too_large')
      passages.set(request, { call, reply, path, params, bytesMax, organisationId: admitted.organisationId })
      return undefined
    },
    async read(request) {
      const passage = passages.get(request)
      if (!passage) {
        if (hasBody(request)) throw new Error('a body is read that nobody let in')
        // [fastify] A request with a content type calls this for an empty body too.
        return undefined
      }
      const body = await readAndParse(hub, request, passage)
      if (body.ok) {
        passage.call.entry.prepared = body.prepared
        return body.body
      }
      // The procedure's own guard throws this error, so that it is counted and recorded as all other rejections.
      passage.call.entry.refusal = { error: problem(body.code, body.message, body.data) }
      return {}
    },
    callOf: (request, reply) => passages.get(request)?.call ?? newCall(request, reply),
  }
}

/** [@orpc/server, StandardHandler] The path in the form for the handler. */
function pathOf({ raw }: FastifyRequest): `/${string}` {
  const [path = '/'] = (raw.url ?? '/').split('?')
  return `/${path.replace(/^\/|\/$/g, '')}`
}

const hasBody = ({ method, headers }: FastifyRequest) =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)

/** The announced length, or the maximum if the request has none. */
const lengthOf = ({ headers }: FastifyRequest, bytesMax: number) =>
  headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : bytesMax

type Admitted = { organisationId: OrganisationId | undefined }

/** Undefined if the call is rejected; the call stores the reason. */
async function admit(call: OpenCall, called: Parameters<typeof admitCaller>[1]): Promise<Admitted | undefined> {
  if (called.meta.access === 'public') return { organisationId: undefined }
  try {
    const { caller } = await admitCaller(call, called)
    return { organisationId: caller.organisationId }
  } catch (error) {
    call.entry.refusal = { error }
    return undefined
  }
}

async function readAndParse(hub: Hub, request: FastifyRequest, passage: Passage): Promise<BodyResult> {
  const { bytesMax, organisationId, path, params, reply } = passage
  // The client may have disconnected while its key was checked, and no later event would report it.
  if (reply.raw.closed || request.raw.destroyed) throw ended()
  const length = lengthOf(request, bytesMax)
  const lease = length > INLINE_BYTES_MAX && organisationId ? hub.commands.budget.reserve(length, organisationId) : NONE
  if (!lease) throw problem('hub_busy')
  // Its values exist as long as the request.
  reply.raw.once('close', () => lease[Symbol.dispose]())
  const bytes = await readBody(request, { length, bytesMax })
  const { values } = bytes.byteLength > INLINE_BYTES_MAX ? { values: Number.POSITIVE_INFINITY } : measureJson(bytes)
  if (organisationId === undefined && values > PUBLIC_VALUES_MAX)
    throw problem('input_invalid', 'the body has too many values')
  if (organisationId === undefined || values <= INLINE_VALUES_MAX) return parsedHere(bytes)
  const prepared = await hub.bodies.prepare(organisationId, { path, params, bytes }, hangUp(reply))
  // The prepared values count separately from here on.
  if (!prepared.ok || Object.keys(prepared.prepared).length > 0) lease[Symbol.dispose]()
  return prepared
}

const NONE: ByteLease = { [Symbol.dispose]: () => undefined }

function parsedHere(bytes: Uint8Array): BodyResult {
  const parsed = parseJson(bytes)
  if (!parsed.ok) throw problem('input_invalid', parsed.message)
  return { ok: true, body: parsed.value, prepared: {} }
}
