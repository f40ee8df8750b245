/** Watch levels: the event stream of an organisation's levels, for as long as the caller's key counts. */
import type { Levels } from '@skerry/contract/api/hub-procedures'
import type { KeyCall } from '../http/call.ts'
import { findKey } from '../keys/key-store.ts'

/** The levels as they are, then at each rise. */
export async function* watchLevels(call: KeyCall, signal: AbortSignal | undefined): AsyncGenerator<Levels, void> {
  const { hub, organisationId } = call
  const ended = AbortSignal.any([hub.signal, ...(signal ? [signal] : [])])
  using watching = await hub.changes.watch(organisationId)
  let shown: Levels | undefined
  while (!ended.aborted && (await isKeyGood(call))) {
    const looked = watching.looked(ended)
    const levels = watching.levels()
    if (!isEqual(levels, shown)) yield levels
    shown = levels
    await looked
  }
}

/** A stream that stays open for days must end with its key, as any other call would. */
async function isKeyGood({ hub, caller }: KeyCall): Promise<boolean> {
  const row = await findKey(hub.store.db, caller.keyId)
  const nowMs = hub.clock.nowMs()
  return row !== undefined && row.revoked_at_ms === null && (row.expires_at_ms ?? nowMs + 1) > nowMs
}

function isEqual(levels: Levels, other: Levels | undefined): boolean {
  return JSON.stringify(levels) === JSON.stringify(other)
}
