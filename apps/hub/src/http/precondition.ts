/** Precondition: which state of an object an answer shows, and whether a change is meant for the state that it is in. */
import { isAsMeant } from '@skerry/contract/values/entity-tag'
import type { Db } from '../store/store.ts'
import type { OpenCall } from './call.ts'
import type { Called } from './called.ts'
import { entityTagOf } from './entity-tags.ts'
import { problem } from './problem.ts'

/** Throws where the caller has seen another state than there is. */
export async function requireState(call: OpenCall, called: Called, db: Db): Promise<void> {
  const { ifMatch, ifNoneMatch } = call.precondition
  if (called.meta.isReadOnly || !called.meta.entity || (ifMatch === undefined && ifNoneMatch === undefined)) return
  if (!isAsMeant(call.precondition, await tagOf(call, called, db))) throw problem('revision_stale')
}

/** Says which state the answer to a question shows. Looked up before the answer is: one that is older than the answer harms nobody. */
export async function showState(call: OpenCall, called: Called): Promise<void> {
  if (!called.meta.isReadOnly) return
  const tag = await tagOf(call, called, call.hub.store.db)
  if (tag) call.setTag(tag)
}

async function tagOf({ hub, trail: { organisationId } }: OpenCall, { meta: { entity }, input }: Called, db: Db) {
  return entity && organisationId && entityTagOf(entity, { hub, db, organisationId, input })
}
