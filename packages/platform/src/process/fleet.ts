/**
 * Fleet: named workers that follow a list. It starts workers that are new, stops those that are gone, replaces those that have changed, and leaves the
 * others alone. It keeps a reason for each worker that cannot be started. A worker restarts itself after a crash (supervise.ts), not by its fleet.
 *
 * Invariants: a name has one worker at most, and a worker starts only after the one before it has stopped. A name runs or is refused, never both.
 */
import { ratePerSecond } from '@skerry/core/values/figure-rates'
import type { Clock } from './clock.ts'

type Cause = { code: string; message: string }

/** `key`: everything that the worker was judged by. */
export type RefusedWorker<Wanted> = { wanted: Wanted; key: string; cause: Cause; sinceMs: number }

/** ready: the worker before it has stopped when `start` is called. */
export type PreparedWorker<Worker> =
  | { kind: 'unchanged' }
  | { kind: 'refused'; key: string; cause: Cause }
  | { kind: 'ready'; start(): Worker }

/** Looks at one that is wanted. It starts nothing. */
export type PrepareWorker<Wanted, Worker> = (
  wanted: Wanted,
  running: Worker | undefined,
) => Promise<PreparedWorker<Worker>>

export type Fleet<Wanted, Worker> = {
  running: ReadonlyMap<string, Worker>
  refused: ReadonlyMap<string, RefusedWorker<Wanted>>
  /** Only these are wanted from now on. */
  follow(wanted: readonly Wanted[], prepare: PrepareWorker<Wanted, Worker>): Promise<void>
  /** Stops the worker, and starts it anew. */
  restart(wanted: Wanted, prepare: PrepareWorker<Wanted, Worker>): Promise<void>
  stopAll(): Promise<void>
}

export type FleetDeps<Worker> = { clock: Pick<Clock, 'nowMs'>; stop(worker: Worker): Promise<void> }

type Following<Wanted, Worker> = {
  deps: FleetDeps<Worker>
  running: Map<string, Worker>
  refused: Map<string, RefusedWorker<Wanted>>
}

/** No worker runs yet. The caller gives one order after the other, for which `createTurns` is there. */
export function createFleet<Wanted extends { name: string }, Worker>(deps: FleetDeps<Worker>): Fleet<Wanted, Worker> {
  const it: Following<Wanted, Worker> = { deps, running: new Map(), refused: new Map() }
  return {
    running: it.running,
    refused: it.refused,
    async follow(wanted, prepare) {
      const names = new Set(wanted.map(({ name }) => name))
      for (const name of it.refused.keys()) if (!names.has(name)) it.refused.delete(name)
      await stopThese(
        it,
        [...it.running.keys()].filter((name) => !names.has(name)),
      )
      for (const one of wanted) await begin(it, one, prepare)
    },
    async restart(wanted, prepare) {
      await stopThese(it, [wanted.name])
      await begin(it, wanted, prepare)
    },
    stopAll: () => stopThese(it, [...it.running.keys()]),
  }
}

async function begin<Wanted extends { name: string }, Worker>(
  it: Following<Wanted, Worker>,
  wanted: Wanted,
  prepare: PrepareWorker<Wanted, Worker>,
): Promise<void> {
  const { name } = wanted
  const prepared = await prepare(wanted, it.running.get(name))
  if (prepared.kind === 'unchanged') return
  await stopThese(it, [name])
  if (prepared.kind === 'refused') return refuseWorker(it, wanted, prepared)
  it.refused.delete(name)
  it.running.set(name, prepared.start())
}

/** A refusal for the same reason keeps its time. */
function refuseWorker<Wanted extends { name: string }, Worker>(
  { deps, refused }: Following<Wanted, Worker>,
  wanted: Wanted,
  { key, cause }: { key: string; cause: Cause },
): void {
  const known = refused.get(wanted.name)
  if (known?.key === key && known.cause.message === cause.message) return
  refused.set(wanted.name, { wanted, key, cause, sinceMs: deps.clock.nowMs() })
}

/** A worker that stops is not among the running ones any more. */
async function stopThese<Wanted, Worker>(it: Following<Wanted, Worker>, names: readonly string[]): Promise<void> {
  const gone = names.flatMap((name) => {
    const worker = it.running.get(name)
    return it.running.delete(name) && worker !== undefined ? [worker] : []
  })
  await Promise.all(gone.map((worker) => it.deps.stop(worker)))
}

export type OrderTurns = {
  /** Begins when all orders before it have ended, however they ended. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when all orders so far have ended. */
  idle(): Promise<unknown>
}

export function createTurns(): OrderTurns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    inTurn(work) {
      const done = last.then(work)
      last = done.catch(() => undefined)
      return done
    },
    idle: () => last,
  }
}

/** A round of a second, or a batch, would be seen twice or not at all in a shorter time. */
const RATE_MS = 5_000

/** The rate of a count that only grows, over the last seconds. */
export function createRate({ monotonicMs }: Pick<Clock, 'monotonicMs'>): { perSecond(count: number): number } {
  let known = { count: 0, atMs: monotonicMs(), perSecond: 0 }
  return {
    perSecond(count) {
      const nowMs = monotonicMs()
      const elapsedMs = nowMs - known.atMs
      if (elapsedMs >= RATE_MS) {
        known = { count, atMs: nowMs, perSecond: ratePerSecond(known.count, count, elapsedMs) }
      }
      return known.perSecond
    },
  }
}
