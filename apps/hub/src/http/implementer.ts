/**
 * Implementers: handlers are made with `os` (procedures that need a key) or `openOs` (public ones). So each passes the
 * guard before its input is parsed. The contract states the access of each procedure. A mismatch throws when the router
 * is assembled (router.ts).
 */

import type { AnyContractRouter } from '@orpc/contract'
import { type Implementer, type ImplementerInternalWithMiddlewares, implement, type Router } from '@orpc/server'
import { api } from '@skerry/contract/api'
import { admitKey } from './admission/key-guard.ts'
import type { KeyCall, OpenCall } from './call.ts'
import { requireState, showState } from './precondition.ts'

/** For procedures with `access: 'public'`. */
export const openOs: Implementer<typeof api, OpenCall, OpenCall> = implement(api).$context<OpenCall>()

/** For all others: the handler's context is a `KeyCall`. */
export const os: ImplementerInternalWithMiddlewares<typeof api, OpenCall, KeyCall> = openOs.use(
  async ({ context, path, procedure, next }, input) => {
    const { meta, route } = procedure['~orpc']
    const called = { path, meta, route: route.path, input }
    const admitted = await admitKey(context, called)
    // Checked first, so that no costly work is done for a stale request.
    await requireState(context, called, context.hub.store.db)
    await showState(context, called)
    const answer = await next({ context: admitted })
    // The first test of a procedure finds a missing record, so that no change is made without one.
    if (!meta.isReadOnly && !context.trail.isRecorded) throw new Error(`${path.join('.')} left no audit record`)
    return answer
  },
)

type Api = typeof api

export type VerbOf<Noun extends keyof Api> = keyof Api[Noun]

/**
 * Handlers of a noun: all, or those of some verbs. An object with many handlers has this type, because the compiler
 * cannot write down the type of all together.
 */
export type HandlersOf<Noun extends keyof Api, Verb extends VerbOf<Noun> = VerbOf<Noun>> = {
  [Each in Verb]: Api[Noun][Each] extends AnyContractRouter ? Router<Api[Noun][Each], OpenCall> : never
}
