/** Watch levels: the event stream of an organisation's levels, for as long as the caller would be let in. */
import type { Levels } from '@skerry/contract/api/hub-procedures'
import { assertNever } from '@skerry/core/values/assert-never'
import type { KeyCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import type { WatchBound } from './watch-places.ts'

/** Begins the stream; throws where there are too many, so that it is an answer and not a broken stream. */
export function watchLevels(call: KeyCall, signal: AbortSignal | undefined): AsyncGenerator<Levels, void> {
  // Of one that has gone before, nothing would give the place back: the stream never begins.
  signal?.throwIfAborted()
  // Taken before the stream begins: many that are asked for at once are counted too.
  const place = placeOf(call)
  signal?.addEventListener('abort', () => place[Symbol.dispose](), { once: true })
  return levelsOf(call, place, signal)
}

/** A place among all that watch; throws where there is none. */
export function placeOf({ hub, source, organisationId, caller }: KeyCall): Disposable {
  const taken = hub.watchPlaces.take({ callerId: caller.id, source, organisationId })
  if (taken.ok) return taken.place
  throw problem('watchers_full', wordsOf(taken.bound, taken.max), { bound: taken.bound, max: taken.max })
}

const wordsOf = (bound: WatchBound, max: number): string => {
  switch (bound) {
    case 'caller':
      return `this key or person has ${max} watches open already; end one first`
    case 'address':
      return `the organisation has ${max} watches open from this address already; end some first`
    case 'organisation':
      return `the organisation has ${max} watches open already, which is its share; end some first`
    default:
      return assertNever(bound)
  }
}

/** The levels as they are, then at each rise. */
async function* levelsOf(
  call: KeyCall,
  place: Disposable,
  signal: AbortSignal | undefined,
): AsyncGenerator<Levels, void> {
  const { hub, organisationId } = call
  using _held = place
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
