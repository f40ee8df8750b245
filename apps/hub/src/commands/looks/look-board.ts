/**
 * Look board: the objects on devices that people watch. The hub reads each object once a second, regardless of the
 * number of watchers, and stops when the last watcher has left. A watcher that is slower than a second gets only the
 * newest reading next.
 */

import { LOOK_EVERY_MS, type Look, type LookAway } from '@skerry/contract/hub/look'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Clock } from '@skerry/platform/process/clock'

/** Each watcher holds a connection open. The limit of one organisation leaves room for others. */
const WATCHERS_MAX = 256
const WATCHERS_OF_ONE_MAX = 64

/**
 * Different watched objects. Each is a request a second; 30,000 devices send more reports than that in the same time.
 * An organisation has at most half of the places that the others leave.
 */
const WATCHED_MAX = 128

/** The hub reads an unreachable device less often, because each attempt searches for it on several hubs. */
const AWAY_EVERY_MS = 3_000

export type LookEvent = Look | LookAway

export type LookWish = {
  /** The key of the watched object: the device, and the object on it. */
  key: string
  organisationId: OrganisationId
  /** Rejects only when the signal fires. */
  ask(signal: AbortSignal): Promise<LookEvent>
}

export type Watching = Disposable & {
  /** The newest event that this watcher has not received; undefined when the signal fires. */
  next(signal: AbortSignal): Promise<LookEvent | undefined>
}

export type LookBoard = {
  /** The last reading that the watchers received, if the newest event is one. */
  newest(key: string): Look | undefined
  /** Undefined if too many objects are watched already. */
  watch(wish: LookWish): Watching | undefined
}

type Shared = {
  wish: LookWish
  stop: AbortController
  watchers: number
  newest: LookEvent | undefined
  /** The number of events so far. */
  number: number
  news: PromiseWithResolvers<void>
}
type Board = { clock: Clock; signal: AbortSignal; shared: Map<string, Shared>; watchersOf: Map<OrganisationId, number> }

/** Creates a board without watchers. Everything ends when the signal fires. */
export function createLookBoard({ clock, signal }: { clock: Clock; signal: AbortSignal }): LookBoard {
  const it: Board = { clock, signal, shared: new Map(), watchersOf: new Map() }
  return {
    newest(key) {
      const newest = it.shared.get(key)?.newest
      return newest?.kind === 'away' ? undefined : newest
    },
    watch: (wish) => (hasRoom(it, wish) ? watch(it, wish) : undefined),
  }
}

function hasRoom({ shared, watchersOf }: Board, { key, organisationId }: LookWish): boolean {
  const all = [...watchersOf.values()].reduce((sum, count) => sum + count, 0)
  const own = watchersOf.get(organisationId) ?? 0
  if (own >= Math.min(WATCHERS_OF_ONE_MAX, shareOf(WATCHERS_MAX, all - own))) return false
  const ownThings = [...shared.values()].filter(({ wish }) => wish.organisationId === organisationId).length
  return shared.has(key) || ownThings < shareOf(WATCHED_MAX, shared.size - ownThings)
}

/** Half of the places that the others leave, so that there is always room for one more organisation. */
const shareOf = (max: number, ofOthers: number) => (max - ofOthers) / 2

function watch(it: Board, wish: LookWish): Watching {
  const shared = it.shared.get(wish.key) ?? begin(it, wish)
  shared.watchers += 1
  it.watchersOf.set(wish.organisationId, (it.watchersOf.get(wish.organisationId) ?? 0) + 1)
  // The caller sends the present state before it watches, so the watcher begins with later events.
  let seen = shared.number
  return {
    async next(signal) {
      const ended = AbortSignal.any([signal, it.signal])
      while (!ended.aborted) {
        if (shared.newest && shared.number > seen) {
          seen = shared.number
          return shared.newest
        }
        await orAborted(shared.news.promise, ended)
      }
      return undefined
    },
    [Symbol.dispose]: () => leave(it, shared),
  }
}

function leave(it: Board, shared: Shared): void {
  const { key, organisationId } = shared.wish
  shared.watchers -= 1
  const left = (it.watchersOf.get(organisationId) ?? 1) - 1
  if (left > 0) it.watchersOf.set(organisationId, left)
  else it.watchersOf.delete(organisationId)
  if (shared.watchers > 0) return
  it.shared.delete(key)
  shared.stop.abort()
}

function begin(it: Board, wish: LookWish): Shared {
  const shared: Shared = {
    wish,
    stop: new AbortController(),
    watchers: 0,
    newest: undefined,
    number: 0,
    news: Promise.withResolvers(),
  }
  it.shared.set(wish.key, shared)
  void lookOn(it, shared, AbortSignal.any([shared.stop.signal, it.signal])).catch(() => undefined)
  return shared
}

/** Rejects when the signal fires. */
async function lookOn({ clock }: Board, shared: Shared, signal: AbortSignal): Promise<never> {
  for (;;) {
    const startMs = clock.monotonicMs()
    const event = await shared.wish.ask(signal)
    signal.throwIfAborted()
    shared.newest = event
    shared.number += 1
    shared.news.resolve()
    shared.news = Promise.withResolvers()
    const everyMs = event.kind === 'away' ? AWAY_EVERY_MS : LOOK_EVERY_MS
    await clock.sleep(Math.max(0, everyMs - (clock.monotonicMs() - startMs)), signal)
  }
}

async function orAborted(news: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>()
  const onAbort = () => aborted.resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  await Promise.race([news, aborted.promise])
  signal.removeEventListener('abort', onAbort)
}
