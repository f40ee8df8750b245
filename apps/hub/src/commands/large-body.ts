/** Large body: inputs of a model, and sources of many tags, may be large: whoever sends them is looked at, and room is set aside, before a byte of them is read. */
import type { Permission } from '@skerry/contract/permissions'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OpenCall } from '../http/call.ts'
import { admitKey } from '../http/key-guard.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'

/** 32 MiB of tensors in base64, and what is said about them. */
export const INFER_BODY_MAX = 44 * 1024 * 1024

/** What every other path takes without asking first. */
const SMALL_BODY_MAX = 1024 * 1024

/** 32 MiB of what a source says, and its name and scope. */
export const SPEC_BODY_MAX = 33 * 1024 * 1024

/** Which procedure it is for. */
type LargeBody = { path: readonly [string, string]; access: Permission; isReadOnly?: true; bytesMax: number }

type CallOf = (request: FastifyRequest, reply: FastifyReply) => OpenCall

/** A Fastify hook. A small body goes on to where all others are judged. */
export function admitLargeBody(hub: Hub, callOf: CallOf, { path, access, isReadOnly, bytesMax }: LargeBody) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const size = sizeOf(request, bytesMax)
    if (size <= SMALL_BODY_MAX) return
    await admitKey(callOf(request, reply), {
      ...{ path, meta: { access, isReadOnly: isReadOnly ?? false } },
      ...{ route: request.routeOptions.url, input: request.params },
    })
    const lease = hub.commands.budget.reserve(Math.min(size, bytesMax))
    if (!lease) throw problem('hub_busy')
    reply.raw.once('close', () => lease[Symbol.dispose]())
  }
}

/** The most where it does not say. */
function sizeOf({ headers }: FastifyRequest, bytesMax: number): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : bytesMax
}
