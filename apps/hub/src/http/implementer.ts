/**
 * Implementers: handlers are made with `os` (procedures that need a key) or `openOs` (public ones), so that each passes the guard before
 * its input is even looked at. The contract says which is which, and a mismatch throws when the router is assembled (router.ts).
 */
import { type Implementer, type ImplementerInternalWithMiddlewares, implement } from '@orpc/server'
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
    // Before anything that costs something is done in vain.
    await requireState(context, called, context.hub.store.db)
    await showState(context, called)
    const answer = await next({ context: admitted })
    // The first test of a procedure finds it, so that no change can come to be without a record.
    if (!meta.isReadOnly && !context.trail.isRecorded) throw new Error(`${path.join('.')} left no audit record`)
    return answer
  },
)
