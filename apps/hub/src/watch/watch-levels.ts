/** Watch levels: the event stream of an organisation's levels, for as long as the caller would be let in. */
import type { Levels } from '@skerry/contract/api/hub-procedures'
import type { KeyCall } from '../http/call.ts'

/** The levels as they are, then at each rise. */
export async function* watchLevels(call: KeyCall, signal: AbortSignal | undefined): AsyncGenerator<Levels, void> {
  const { hub, organisationId } = call
  const ended = AbortSignal.any([hub.signal, ...(signal ? [signal] : [])])
  using watching = await hub.changes.watch(organisationId)
  let shown: Levels | undefined
  // A stream that stays open for days must end with its key or session, as every other call does.
  while (!ended.aborted && (await call.isStillGood())) {
    const looked = watching.looked(ended)
    const levels = watching.levels()
    if (!isEqual(levels, shown)) yield levels
    shown = levels
    await looked
  }
}

function isEqual(levels: Levels, other: Levels | undefined): boolean {
  return JSON.stringify(levels) === JSON.stringify(other)
}
