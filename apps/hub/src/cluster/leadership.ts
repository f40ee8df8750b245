/**
 * Leadership: holds the lead while the session holds its lock, and has the leader's work begun and put away. A term has an epoch, which the
 * leader's transactions check (fenced-store.ts).
 */
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { lockSql } from '../store/postgres-locks.ts'
import type { Store } from '../store/store.ts'
import type { Cluster, Lead } from './cluster.ts'
import { beginTerm, fencedStore } from './fenced-store.ts'
import type { Ask } from './session.ts'

type Held = { stop: AbortController; work: AsyncDisposable }

export type LeadershipDeps = {
  store: Store
  hubId: string
  clock: Pick<Clock, 'nowMs'>
  log: Pick<Log, 'info' | 'warn'>
  /** Gives the lock back. */
  release: () => void
}

export type Leadership = Pick<Cluster, 'isLeading' | 'lead'> & {
  /** Takes the lead where nobody has it. */
  beat(ask: Ask): Promise<void>
  /** The session has ended, or another hub leads. Resolves when the work is put away. */
  lose(): Promise<void>
}

/** Makes one that does not lead yet. */
export function createLeadership({ store, hubId, clock, log, release }: LeadershipDeps): Leadership {
  let begin: ((lead: Lead) => AsyncDisposable) | undefined
  let held: Held | undefined
  let changing: Promise<void> | undefined
  // Raised by each loss: a term that began before it is over before it has begun.
  let losses = 0

  const take = async (work: (lead: Lead) => AsyncDisposable) => {
    const asOf = losses
    const epoch = await beginTerm(store, { hubId, nowMs: clock.nowMs() })
    if (asOf !== losses) return
    const stop = new AbortController()
    const onLost = () => {
      void lose()
      release()
    }
    log.info('lead_taken', { hubId, epoch })
    held = {
      stop,
      work: work({ store: fencedStore(store, { epoch, signal: stop.signal, onLost }), signal: stop.signal }),
    }
  }
  const lose = async () => {
    losses += 1
    const ended = held
    held = undefined
    if (ended) {
      log.warn('lead_lost', { hubId })
      ended.stop.abort(new DOMException('another hub may lead', 'AbortError'))
      const before = changing
      changing = (async () => {
        await before
        await ended.work[Symbol.asyncDispose]()
      })().finally(() => {
        changing = undefined
      })
    }
    await changing
  }
  return {
    isLeading: () => held !== undefined,
    lead(work) {
      begin = work
    },
    async beat(ask) {
      if (!begin || held || changing) return
      const [row] = await ask<{ locked: boolean }>(lockSql('pg_try_advisory_lock', 'lead'))
      if (!row?.locked || !begin) return
      // Not awaited: the beats must go on, or the lock is gone before the term begins.
      changing = take(begin)
        .catch((error: unknown) => {
          log.warn('lead_not_taken', { error })
          release()
        })
        .finally(() => {
          changing = undefined
        })
    },
    lose,
  }
}
