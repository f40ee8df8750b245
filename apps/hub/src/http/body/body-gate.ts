/**
 * Body gate: decides on a request with a body before a byte of the body is read. An unknown path reads none, nor does a caller that may not
 * call the procedure; a body has the limit of its procedure; a large one needs room, and is parsed by a thread.
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

/** What was decided about a request. */
type Passage = {
  call: OpenCall
  reply: FastifyReply
  path: readonly string[]
  params: Readonly<Record<string, string>>
  bytesMax: number
  /** Undefined of a public procedure: its caller has no share of anything. */
  organisationId: OrganisationId | undefined
}

export type BodyGate = {
  /** A hook before the body: gives the call where it can be answered now, because it is rejected. */
  enter(request: FastifyRequest, reply: FastifyReply): Promise<OpenCall | undefined>
  /** Reads and parses the body of a request that has entered. */
  read(request: FastifyRequest): Promise<unknown>
  /** The call of a request. */
  callOf(request: FastifyRequest, reply: FastifyReply): OpenCall
}

type CallOf = BodyGate['callOf']

/** Knows the procedures of the router by the same table as the one that calls them. */
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
        // [fastify] Where a type of content is named, this is called for an empty body too.
        return undefined
      }
      const body = await readAndParse(hub, request, passage)
      if (body.ok) {
        passage.call.entry.prepared = body.prepared
        return body.body
      }
      // The procedure's own guard answers with it, so that it is counted and recorded as any other refusal.
      passage.call.entry.refusal = { error: problem(body.code, body.message, body.data) }
      return {}
    },
    callOf: (request, reply) => passages.get(request)?.call ?? newCall(request, reply),
  }
}

/** [@orpc/server, StandardHandler] The path as the handler looks it up. */
function pathOf({ raw }: FastifyRequest): `/${string}` {
  const [path = '/'] = (raw.url ?? '/').split('?')
  return `/${path.replace(/^\/|\/$/g, '')}`
}

const hasBody = ({ method, headers }: FastifyRequest) =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)

/** The most, where the request does not say. */
const lengthOf = ({ headers }: FastifyRequest, bytesMax: number) =>
  headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : bytesMax

type Admitted = { organisationId: OrganisationId | undefined }

/** Undefined where the call is rejected, for a reason that it keeps. */
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
  // It may have gone while its key was looked up; nothing would tell of its end any more.
  if (reply.raw.closed || request.raw.destroyed) throw ended()
  const length = lengthOf(request, bytesMax)
  const lease = length > INLINE_BYTES_MAX && organisationId ? hub.commands.budget.reserve(length, organisationId) : NONE
  if (!lease) throw problem('hub_busy')
  // Its values live as long as the request.
  reply.raw.once('close', () => lease[Symbol.dispose]())
  const bytes = await readBody(request, { length, bytesMax })
  const { values } = bytes.byteLength > INLINE_BYTES_MAX ? { values: Number.POSITIVE_INFINITY } : measureJson(bytes)
  if (organisationId === undefined && values > PUBLIC_VALUES_MAX)
    throw problem('input_invalid', 'the body has too many values')
  if (organisationId === undefined || values <= INLINE_VALUES_MAX) return parsedHere(bytes)
  const prepared = await hub.bodies.prepare(organisationId, { path, params, bytes }, hangUp(reply))
  // What a thread has made of it counts by itself from here on.
  if (!prepared.ok || Object.keys(prepared.prepared).length > 0) lease[Symbol.dispose]()
  return prepared
}

const NONE: ByteLease = { [Symbol.dispose]: () => undefined }

function parsedHere(bytes: Uint8Array): BodyResult {
  const parsed = parseJson(bytes)
  if (!parsed.ok) throw problem('input_invalid', parsed.message)
  return { ok: true, body: parsed.value, prepared: {} }
}
