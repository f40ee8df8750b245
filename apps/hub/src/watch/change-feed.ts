/**
 * Change feed: numbers that rise when an object of a noun may have changed, for the watchers of an organisation. It
 * reads changes from the audit trail and from the bus; both only say "look again" (design, law 2). The numbers rise at
 * most twice a second, regardless of the number of changes.
 */
import type { Levels } from '@skerry/contract/api/hub-procedures'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Log } from '@skerry/platform/process/log'
import type { Bus } from '../bus.ts'
import type { NounFacts } from '../nouns/noun.ts'
import type { Db } from '../store/store.ts'
import { type Gathered, nothingGathered, type RaisedLevel, raiseLevels, standingOf } from './level-raise.ts'

/** Fast enough to feel live. In a changing fleet, each watcher costs at most two queries a second. */
const RISE_MS = 500

/** Some changes cause no event, such as a device that falls silent. The feed looks for them at this interval. */
const LOOK_AGAIN_MS = 10_000

export type Watching = Disposable & {
  levels(): Levels
  /** Resolves when the levels may have risen, after a while at the latest, or when the signal fires. */
  looked(signal: AbortSignal): Promise<void>
}

export type ChangeFeed = Disposable & { watch(organisationId: OrganisationId): Promise<Watching> }

export type ChangeFeedDeps = {
  store: { db: Db }
  bus: Bus
  raises: NounFacts['raises']
  clock: { nowMs(): number }
  log: Pick<Log, 'error'>
}

type Watched = { standing: RaisedLevel; watchers: number; wakers: Set<() => void> }

/** Subscribes at once; it costs nothing without watchers. */
export function createChangeFeed({ store, bus, raises, clock, log }: ChangeFeedDeps): ChangeFeed {
  const watched = new Map<OrganisationId, Watched>()
  let gathered = nothingGathered()

  const look = async () => {
    const batch = gathered
    gathered = nothingGathered()
    for (const [organisationId, state] of watched) {
      try {
        state.standing = await raiseLevels(store.db, {
          organisationId,
          ...state,
          gathered: batch,
          raises,
          nowMs: clock.nowMs(),
        })
      } catch (error) {
        log.error('watch_failed', { error })
      }
      for (const wake of [...state.wakers]) wake()
    }
  }
  const timer = createTimer(look, () => watched.size > 0)
  const stops = listen(bus, (note) => {
    if (watched.size === 0) return
    note(gathered)
    timer.soon()
  })
  return {
    async watch(organisationId) {
      const standing = await standingOf(store.db, organisationId, clock.nowMs())
      const state = watched.get(organisationId) ?? { standing, watchers: 0, wakers: new Set() }
      state.watchers += 1
      watched.set(organisationId, state)
      timer.later()
      return watchingOf(state, () => {
        state.watchers -= 1
        if (state.watchers === 0) watched.delete(organisationId)
      })
    },
    [Symbol.dispose]() {
      for (const stop of stops) stop()
      watched.clear()
      timer.stop()
    },
  }
}

function listen(bus: Bus, tell: (note: (gathered: Gathered) => void) => void) {
  const devices = (key: string) => tell((gathered) => gathered.devices.add(key))
  return [
    bus.subscribe('device.changed', undefined, devices),
    bus.subscribe('items.changed', undefined, (key) => {
      devices(key)
      tell((gathered) => gathered.items.add(key))
    }),
    bus.subscribe('device.noted', undefined, devices),
    bus.subscribe('alarm.changed', undefined, devices),
    bus.subscribe('desired.changed', undefined, devices),
    bus.subscribe('rollout.changed', undefined, (key) => tell((gathered) => gathered.rollouts.add(key))),
    bus.subscribe('batch.changed', undefined, (key) => tell((gathered) => gathered.batches.add(key))),
    bus.subscribe('optimisation.changed', undefined, (key) => tell((gathered) => gathered.optimisations.add(key))),
    bus.subscribe('audit.appended', undefined, () => tell(() => undefined)),
    bus.subscribe('everything.changed', undefined, () => tell(() => undefined)),
  ]
}

/** Runs the work soon or later, one run after another, as long as it is needed. */
function createTimer(work: () => Promise<void>, isWanted: () => boolean) {
  let waiting: { timer: NodeJS.Timeout; isSoon: boolean } | undefined
  let running: Promise<void> = Promise.resolve()
  const arm = (isSoon: boolean) => {
    if (waiting && (waiting.isSoon || !isSoon)) return
    clearTimeout(waiting?.timer)
    waiting = { timer: setTimeout(run, isSoon ? RISE_MS : LOOK_AGAIN_MS), isSoon }
  }
  const run = () => {
    waiting = undefined
    running = running.then(work)
    if (isWanted()) arm(false)
  }
  return { soon: () => arm(true), later: () => arm(false), stop: () => clearTimeout(waiting?.timer) }
}

function watchingOf(state: Watched, leave: () => void): Watching {
  return {
    levels: () => state.standing.levels,
    looked: (signal) =>
      new Promise((resolve) => {
        const end = () => {
          state.wakers.delete(end)
          signal.removeEventListener('abort', end)
          resolve()
        }
        state.wakers.add(end)
        signal.addEventListener('abort', end, { once: true })
        if (signal.aborted) end()
      }),
    [Symbol.dispose]: leave,
  }
}
