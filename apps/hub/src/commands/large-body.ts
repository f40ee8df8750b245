/** Large body: inputs of a model may be large, so whoever sends them is looked at, and room is set aside, before a byte of them is read. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OpenCall } from '../http/call.ts'
import { admitKey } from '../http/key-guard.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'

/** 32 MiB of tensors in base64, and what is said about them. */
export const INFER_BODY_MAX = 44 * 1024 * 1024

/** What every other path takes without asking first. */
const SMALL_BODY_MAX = 1024 * 1024

type CallOf = (request: FastifyRequest, reply: FastifyReply) => OpenCall

/** A Fastify hook. A small body goes on to where all others are judged. */
export const admitLargeBody = (hub: Hub, callOf: CallOf) => async (request: FastifyRequest, reply: FastifyReply) => {
  const size = sizeOf(request)
  if (size <= SMALL_BODY_MAX) return
  await admitKey(callOf(request, reply), {
    path: ['device', 'infer'],
    meta: { access: 'model.run', isReadOnly: false },
    route: request.routeOptions.url,
    input: request.params,
  })
  const lease = hub.commands.budget.reserve(Math.min(size, INFER_BODY_MAX))
  if (!lease) throw problem('hub_busy')
  reply.raw.once('close', () => lease[Symbol.dispose]())
}

/** The most where it does not say. */
function sizeOf({ headers }: FastifyRequest): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : INFER_BODY_MAX
}
