/**
 * Shutdown: turns SIGINT and SIGTERM into one AbortSignal, and puts things away in the reverse order of their making.
 *
 *     await using shutdown = openShutdown({ log })
 *     const store = shutdown.use('store', await openStore())
 *     await serve(store, shutdown.signal)            // returns when the signal fires
 *
 * A second signal exits at once: whoever sends it has waited long enough.
 */
import { constants } from 'node:os'
import type { Log } from './log.ts'

export type Shutdown = AsyncDisposable & {
  /** Fires at the first SIGINT or SIGTERM, or at `request`. */
  readonly signal: AbortSignal
  /** Begins the shutdown from inside. */
  request(reason: string): void
  /** Puts the resource away at the end, before those that were there earlier; gives it back. */
  use<T extends AsyncDisposable | Disposable>(name: string, resource: T): T
  /** Runs the function at the end, before what was there earlier. */
  defer(name: string, dispose: () => void | Promise<void>): void
}

/** The part of `process` that this needs. */
export type SignalSource = {
  on(event: 'SIGINT' | 'SIGTERM', listener: (signal: 'SIGINT' | 'SIGTERM') => void): unknown
  off(event: 'SIGINT' | 'SIGTERM', listener: (signal: 'SIGINT' | 'SIGTERM') => void): unknown
  exit(code: number): void
}

export type ShutdownOptions = { log: Pick<Log, 'info' | 'error'>; source?: SignalSource; graceMs?: number }

/** Docker kills after 10 s by default: by then it should be our own exit, which names what hung. */
const GRACE_MS = 9_000

/** Starts to listen for signals. Dispose it last, with `await using`, at the top of `main`. */
export function openShutdown({ log, source = process, graceMs = GRACE_MS }: ShutdownOptions): Shutdown {
  const controller = new AbortController()
  const stack = new AsyncDisposableStack()
  let closing = 'nothing'
  let overdue: NodeJS.Timeout | undefined

  const request = (reason: string) => {
    if (controller.signal.aborted) return
    log.info('shutdown_started', { reason })
    overdue = setTimeout(() => {
      log.error('shutdown_overdue', { graceMs, waitingFor: closing })
      source.exit(1)
    }, graceMs)
    // Only a hang is cut short; the timer itself must not keep a finished process alive.
    overdue.unref()
    controller.abort(new DOMException(reason, 'AbortError'))
  }
  const onSignal = (name: 'SIGINT' | 'SIGTERM') => {
    if (controller.signal.aborted) source.exit(128 + constants.signals[name])
    request(name)
  }
  const defer = (name: string, dispose: () => void | Promise<void>) => {
    stack.defer(async () => {
      closing = name
      await dispose()
    })
  }
  source.on('SIGINT', onSignal)
  source.on('SIGTERM', onSignal)

  return {
    signal: controller.signal,
    request,
    defer,
    use(name, resource) {
      defer(name, async () => {
        if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]()
        else resource[Symbol.dispose]()
      })
      return resource
    },
    async [Symbol.asyncDispose]() {
      request('main ended')
      try {
        await stack.disposeAsync()
      } finally {
        clearTimeout(overdue)
        source.off('SIGINT', onSignal)
        source.off('SIGTERM', onSignal)
      }
    },
  }
}
